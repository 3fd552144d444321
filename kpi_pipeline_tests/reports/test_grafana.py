"""Dashboards whose queries run on the history store, with the thresholds of the catalogue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.grafana import Backend, dashboards, datasource, files
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.reports.conftest import YESTERDAY, company_of, kpi

DAY = date(2026, 11, 21)
FROM, TO = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1000) for month in (6, 12))


def panels(company: Company, backend: Backend = "sqlite") -> dict[str, dict[str, Any]]:
    (board,) = dashboards(company, backend, DAY).values()
    return {panel["title"]: panel for panel in board["panels"]}


def run(store: HistoryStore, sql: str) -> list[tuple[Any, ...]]:
    plain = sql.replace("$__from", str(FROM)).replace("$__to", str(TO)).replace(":", "\\:")
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(plain))]


def test_a_panel_reads_a_kpi_s_values_day_by_day(company: Company, store: HistoryStore, filled: None) -> None:
    rows = run(store, panels(company)["Conversie"]["targets"][0]["rawSql"])
    assert len(rows) == 25  # the 26th week lies before June
    assert rows[-1] == (int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()), 23.9)
    assert rows == sorted(rows)


def test_the_table_shows_the_newest_value_of_each_kpi(company: Company, store: HistoryStore, filled: None) -> None:
    rows = run(store, panels(company)["Status nu"]["targets"][0]["rawSql"])
    assert {row[0]: (row[2], row[4]) for row in rows} == {
        "bezoek": (12345.0, "unrated"),
        "conversie": (23.9, "critical"),
        "omzet": (1930.617757009346, "ok"),
        "runway": (None, "ok"),
    }
    assert {str(row[1]) for row in rows} == {str(YESTERDAY)}


def test_colours_follow_the_thresholds_in_the_direction_that_is_better() -> None:
    higher = kpi("conversie")
    lower = kpi("reactie", better="lower", target="<= 2", warning="> 3", critical="> 6")
    bare = kpi("bezoek", target=None, warning=None, critical=None)
    found = panels(company_of(higher, lower, bare))
    steps = {name: panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps") for name, panel in found.items()}
    assert [(step["color"], step["value"]) for step in steps["Conversie"]] == [
        ("red", None),
        ("orange", 24.0),
        ("yellow", 28.0),
        ("green", 32.0),
    ]
    assert [(step["color"], step["value"]) for step in steps["Reactie"]] == [
        ("green", None),
        ("yellow", 2.0),
        ("orange", 3.0),
        ("red", 6.0),
    ]
    assert [(step["color"], step["value"]) for step in steps["Bezoek"]] == [("green", None)]


def test_one_dashboard_a_group_and_one_folder_a_company() -> None:
    company = company_of(kpi("a", group="Sales & Marketing"), kpi("b", group="Finance"), name="A/B: Ltd.")
    found = files({"acme": company}, "postgresql", "/srv/grafana", DAY)
    assert sorted(found) == [
        "dashboards/A B  Ltd/finance.json",
        "dashboards/A B  Ltd/sales-marketing.json",
        "provisioning/dashboards/kpi.yaml",
    ]
    uids = [content["uid"] for name, content in found.items() if name.startswith("dashboards")]
    assert len(set(uids)) == 2
    assert all(len(uid) <= 40 for uid in uids)
    assert found["provisioning/dashboards/kpi.yaml"]["providers"][0]["options"]["path"] == "/srv/grafana/dashboards"


def test_a_name_with_quotes_stays_a_name(store: HistoryStore) -> None:
    company = company_of(kpi("a", name={"nl": 'Omzet "netto" \'22'}))
    for backend in ("sqlite", "postgresql"):
        sql = panels(company, backend)['Omzet "netto" \'22']["targets"][0]["rawSql"]
        assert '"Omzet ""netto"" \'22"' in sql
    run(store, panels(company)['Omzet "netto" \'22']["targets"][0]["rawSql"])


def test_no_password_is_written() -> None:
    found = datasource("postgresql", host="db:5432", database="kpi", user="grafana")
    assert found["datasources"][0]["secureJsonData"] == {"password": "$KPI_HISTORY_PASSWORD"}
    assert datasource("sqlite", host="", database="/data/h.db", user="")["datasources"][0]["jsonData"] == {
        "path": "/data/h.db"
    }


@pytest.mark.postgres
def test_the_queries_run_on_postgresql_too(postgres_url: str) -> None:
    store = HistoryStore.open(postgres_url)
    try:
        for panel in panels(company_of(kpi("a")), "postgresql").values():
            sql = panel["targets"][0]["rawSql"].replace(
                "$__timeFilter(day)", "day between '2026-01-01' and '2026-12-31'"
            )
            with store.engine.connect() as connection:
                connection.execute(text(sql.replace(":", "\\:"))).all()
    finally:
        store.engine.dispose()


def test_the_boards_that_a_company_declares_come_first_and_leave_no_kpi_out() -> None:
    company = read_catalogue(Settings.from_environment({})).companies["mister_dj"]
    found = dashboards(company, "sqlite", DAY)
    assert list(found)[:2] == ["technisch-dashboard.json", "commercieel-dashboard.json"]
    technical = [panel["title"] for panel in found["technisch-dashboard.json"]["panels"]]
    assert technical[1:] == [
        "Website beschikbaarheid",
        "Queue backlog (RentGuy sync)",
        "Retry-age p95 (RentGuy sync)",
        "SLA tickets resolutie (P1)",
    ]
    shown = {panel["title"] for board in found.values() for panel in board["panels"]}
    assert {kpi.title("nl") for kpi in company.headline_kpis()} <= shown
