"""Grafana over the history store: a data source and dashboards as files to provision, generated from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from kpi_pipeline.catalogue.display import status_text, threshold_text
from kpi_pipeline.catalogue.model import Company, Kpi, in_force
from kpi_pipeline.history.chain import sha256

Backend = Literal["sqlite", "postgresql"]
UID = "kpi-history"
# Grafana's own ids (grafana.com/docs, standard options: unit).
UNITS = {
    "percent": "percent",
    "seconds": "s",
    "minutes": "m",
    "hours": "h",
    "days": "d",
    "ms": "ms",
    "EUR": "currencyEUR",
    "USD": "currencyUSD",
}
COLOURS = {"ok": "green", "below_target": "yellow", "warning": "orange", "critical": "red"}
GROUPLESS = {"nl": "Alle KPI's", "en": "All KPIs"}
TABLE = {"nl": "Status nu", "en": "Status now"}
WIDTH, HEIGHT, COLUMNS = 8, 8, 3


def datasource(backend: Backend, *, host: str, database: str, user: str) -> dict[str, Any]:
    """The file of the data source. The password stays a variable that Grafana reads from its own environment."""
    common = {"name": "KPI history", "uid": UID, "access": "proxy", "editable": False}
    if backend == "sqlite":
        own: dict[str, Any] = {"type": "frser-sqlite-datasource", "jsonData": {"path": database}}
    else:
        own = {
            "type": "grafana-postgresql-datasource",
            "url": host,
            "user": user,
            "jsonData": {"database": database, "sslmode": "prefer", "postgresVersion": 1500},
            "secureJsonData": {"password": "$KPI_HISTORY_PASSWORD"},
        }
    return {"apiVersion": 1, "datasources": [common | own]}


def provider(folder: str) -> dict[str, Any]:
    """The file that tells Grafana where the dashboards are: one Grafana folder for each company."""
    own = {"name": "KPIs", "type": "file", "allowUiUpdates": False, "updateIntervalSeconds": 60}
    return {"apiVersion": 1, "providers": [own | {"options": {"path": folder, "foldersFromFilesStructure": True}}]}


def dashboards(company: Company, backend: Backend, day: date) -> dict[str, dict[str, Any]]:
    """File name → dashboard: those that the company declares, then one for each group of the KPIs that are on none.

    Thresholds are those in force on `day`.
    """
    boards = {
        board.title(company.language): list(dict.fromkeys(name for panel in board.panels for name in panel.uses()))
        for board in company.dashboards.boards.values()
    }
    shown = {name for names in boards.values() for name in names}
    for kpi in company.headline_kpis():
        if kpi.id not in shown:
            boards.setdefault(kpi.group or GROUPLESS[company.language], []).append(kpi.id)
    return {
        f"{_slug(title)}.json": _dashboard(company, title, [company.kpis[name] for name in names], backend, day)
        for title, names in boards.items()
        if names
    }


def _dashboard(company: Company, name: str, kpis: Sequence[Kpi], backend: Backend, day: date) -> dict[str, Any]:
    uid = f"kpi-{sha256(f'{company.id}/{name}'.encode())[:24]}"
    panels = [_status_panel(company, kpis, backend)]
    for index, kpi in enumerate(kpis):
        x, y = index % COLUMNS * WIDTH, HEIGHT + index // COLUMNS * HEIGHT
        panels.append(_kpi_panel(company, kpi, backend, day) | {"gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT}})
    return {
        "uid": uid,
        "title": f"{company.name}: {name}",
        "tags": ["kpi", company.id],
        "timezone": company.zone,
        "schemaVersion": 39,
        "editable": False,
        "time": {"from": "now-180d", "to": "now"},
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, start=1)],
    }


def _kpi_panel(company: Company, kpi: Kpi, backend: Backend, day: date) -> dict[str, Any]:
    language = company.language
    bounds = {name: in_force(getattr(kpi, name), day) for name in ("target", "warning", "critical")}
    said = [f"{name} {threshold_text(each, kpi.unit, language)}" for name, each in bounds.items() if each is not None]
    text = "\n\n".join(part for part in (kpi.read_as(language) or kpi.origin, ", ".join(said)) if part)
    defaults: dict[str, Any] = {
        "unit": UNITS.get(kpi.unit, "short"),
        "custom": {"drawStyle": "line", "lineWidth": 2, "spanNulls": False, "thresholdsStyle": {"mode": "line"}},
        "thresholds": {"mode": "absolute", "steps": _steps(kpi, day)},
    }
    if kpi.grades:
        grades = {str(rank): {"text": grade, "index": rank} for rank, grade in enumerate(kpi.grades)}
        defaults["mappings"] = [{"type": "value", "options": grades}]
    return {
        "type": "timeseries",
        "title": kpi.title(language),
        "description": text,
        "datasource": {"uid": UID},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"showLegend": False}, "tooltip": {"mode": "single"}},
        "targets": [_target(_series(company.id, kpi.id, kpi.title(language), backend), "time_series")],
    }


def _steps(kpi: Kpi, day: date) -> list[dict[str, Any]]:
    """Colours from low to high: of a KPI where higher is better red comes first, of the others last."""
    marks = [(name, in_force(getattr(kpi, name), day)) for name in ("critical", "warning", "target")]
    bounds = [(name, float(each.value)) for name, each in marks if each is not None]
    if kpi.better == "higher":
        colours = {"critical": "critical", "warning": "warning", "target": "below_target"}
        rising = sorted(bounds, key=lambda each: each[1])
        names = [colours[name] for name, _ in rising] + ["ok"]
        starts = [None, *(value for _, value in rising)]
        return [{"color": COLOURS[name], "value": start} for name, start in zip(names, starts, strict=True)]
    over = {"target": "below_target", "warning": "warning", "critical": "critical"}
    steps: list[dict[str, Any]] = [{"color": COLOURS["ok"], "value": None}]
    return steps + [
        {"color": COLOURS[over[name]], "value": value} for name, value in sorted(bounds, key=lambda e: e[1])
    ]


def _status_panel(company: Company, kpis: Sequence[Kpi], backend: Backend) -> dict[str, Any]:
    statuses = {
        status: {"text": status_text(status, company.language), "color": colour, "index": index}
        for index, (status, colour) in enumerate(COLOURS.items())
    }
    return {
        "type": "table",
        "title": TABLE[company.language],
        "datasource": {"uid": UID},
        "gridPos": {"x": 0, "y": 0, "w": WIDTH * COLUMNS, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {"mappings": [{"type": "value", "options": statuses}]},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "status"},
                    "properties": [{"id": "custom.cellOptions", "value": {"type": "color-text"}}],
                }
            ],
        },
        "options": {"showHeader": True},
        "targets": [_target(_newest(company.id, [kpi.id for kpi in kpis], backend), "table")],
    }


def _target(sql: str, form: str) -> dict[str, Any]:
    """The PostgreSQL source reads rawSql, the SQLite plugin queryText; each ignores the other's key."""
    kind = {"time_series": "time series", "table": "table"}[form]
    return {
        "refId": "A",
        "datasource": {"uid": UID},
        "format": form,
        "rawQuery": True,
        "rawSql": sql,
        "queryText": sql,
        "rawQueryText": sql,
        "queryType": kind,
        "timeColumns": ["time"],
    }


def _series(company: str, kpi: str, name: str, backend: Backend) -> str:
    """A KPI's values as known now, one a day, at the end of the day."""
    value = f'cast(value as {_number(backend)}) as "{_quoted(name, chr(34))}"'
    where = f"company = {_text(company)} and kpi = {_text(kpi)} and segment = '' and superseded_at is null"
    if backend == "sqlite":
        time = "cast(strftime('%s', day) as integer)"
        return (
            f"select {time} as time, {value} from observation where {where} "
            f"and {time} between $__from / 1000 and $__to / 1000 order by day"
        )
    return f"select day as time, {value} from observation where {where} and $__timeFilter(day) order by day"


def _newest(company: str, kpis: Sequence[str], backend: Backend) -> str:
    """The newest value of each KPI with its status and what it is judged by."""
    listed = ", ".join(map(_text, kpis))
    columns = f"kpi, day, cast(value as {_number(backend)}) as value, n, status, target, warning, critical, recorded_at"
    return (
        f"select {columns} from observation as o where company = {_text(company)} and kpi in ({listed}) "
        "and segment = '' and superseded_at is null and closed "
        "and day = (select max(day) from observation as newest where newest.company = o.company "
        "and newest.kpi = o.kpi and newest.segment = '' and newest.superseded_at is null and newest.closed) "
        "order by kpi"
    )


def _number(backend: Backend) -> str:
    return "numeric" if backend == "postgresql" else "real"


def _text(value: str) -> str:
    return f"'{_quoted(value, chr(39))}'"


def _quoted(value: str, sign: str) -> str:
    return value.replace(sign, sign * 2)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "kpis"


def _folder(name: str) -> str:
    """A company's name as the name of a folder, which Grafana shows as it is."""
    return re.sub(r"[^\w .&()-]+", " ", name).strip(" .") or "company"


def files(companies: Mapping[str, Company], backend: Backend, folder: str, day: date) -> dict[str, dict[str, Any]]:
    """Path below the folder → content of every dashboard and of the file that tells Grafana where they are."""
    found: dict[str, dict[str, Any]] = {"provisioning/dashboards/kpi.yaml": provider(f"{folder}/dashboards")}
    for company in companies.values():
        for name, content in dashboards(company, backend, day).items():
            found[f"dashboards/{_folder(company.name)}/{name}"] = content
    return found
