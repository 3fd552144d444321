"""Every panel shows what there is: KPIs, groups, tables and people that are known, in units that can share an axis."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.dashboards import (
    Beneath,
    BridgeOfKpis,
    Columns,
    Dashboard,
    FunnelOfKpis,
    Manual,
    Panel,
    Scores,
    Trend,
)
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue

RULE = "dashboard"
SHARES = ("percent", "ratio", "score", "points", "grade")


def dashboards_show_what_there_is(company: Company) -> Iterable[Issue]:
    file = company.dashboards.file
    everybody = [*company.people, *company.rotas]
    shown = set()
    for board in company.dashboards.boards.values():
        if not board.name.get(company.language):
            yield Issue(file, board.line, f"dashboard {board.id}: name.{company.language} is missing", rule="language")
        for number, panel in enumerate(board.panels, start=1):
            shown.add(getattr(panel, "data", ""))
            for message in _faults(company, panel, everybody):
                yield Issue(file, panel.line, f"{_label(board, number)}: {message}", rule=RULE)
    for table in company.dashboards.data.values():
        if table.id not in shown:
            yield Issue(file, table.line, f"table {table.id}: no panel shows it", "warning", RULE)


def _label(board: Dashboard, number: int) -> str:
    return f"dashboard {board.id}, panel {number}"


def _faults(company: Company, panel: Panel, everybody: list[str]) -> Iterable[str]:
    unknown = [name for name in panel.uses() if name not in company.kpis]
    for name in unknown:
        yield f"unknown KPI {name!r}{did_you_mean(name, company.kpis)}"
    if not unknown:
        yield from _mixed_units(company, panel)
    for words, key in ((panel.title, "title"), (panel.note, "note"), (getattr(panel, "what", {}), "what")):
        if words and company.language not in words:
            yield f"{key}.{company.language} is missing"
    if isinstance(panel, Scores):
        groups = {kpi.group for kpi in company.kpis.values() if kpi.group}
        if bool(panel.kpis) == bool(panel.group):
            yield "give either kpis or a group"
        elif panel.group and panel.group not in groups:
            yield f"unknown group {panel.group!r}{did_you_mean(panel.group, groups)}"
    if isinstance(panel, Beneath):
        yield from _unknown_view(company, panel)
    if isinstance(panel, Manual) and panel.filled_by not in everybody:
        yield f"filled_by names nobody known: {panel.filled_by!r}{did_you_mean(panel.filled_by, everybody)}"


def _unknown_view(company: Company, panel: Beneath) -> Iterable[str]:
    if panel.data not in company.dashboards.data:
        yield f"unknown table {panel.data!r}{did_you_mean(panel.data, company.dashboards.data)}"
        return
    params = company.dashboards.data[panel.data].params
    views = getattr(params, "views", ())
    # A table whose parameters could not be read is already a finding.
    if params is not None and panel.view and panel.view not in views:
        yield f"unknown view {panel.view!r} of {panel.data}{did_you_mean(panel.view, views)}"


def _mixed_units(company: Company, panel: Panel) -> Iterable[str]:
    """One axis has one unit; a funnel counts."""
    units = {company.kpis[name].unit: name for name in panel.uses()}
    if isinstance(panel, Trend | Columns | BridgeOfKpis) and len(units) > 1:
        yield f"KPIs of one panel share an axis, so one unit, not {', '.join(sorted(units))}"
    if isinstance(panel, FunnelOfKpis):
        shares = [name for unit, name in units.items() if unit in SHARES]
        yield from (f"a funnel counts, and {name} is a share" for name in shares)
