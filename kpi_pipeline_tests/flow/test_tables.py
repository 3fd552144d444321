"""What a company loads for the tables beneath its KPIs, and what a table is called by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kpi_pipeline.analytics.params import LeadFunnel
from kpi_pipeline.catalogue.dashboards import DataTable
from kpi_pipeline.flow.streams import computed_facts, kinds_of, loaded_streams, read_facts
from kpi_pipeline.flow.tables import definition_hash
from kpi_pipeline.flow.workspace import Workspace, read_catalogue
from kpi_pipeline.settings import Settings


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    values = {"KPI_HOME": str(tmp_path_factory.mktemp("home")), "KPI_HASH_SALT": "s"}
    return Workspace(Settings.from_environment(values), now=datetime(2026, 11, 22, 8, tzinfo=UTC))


def test_a_company_loads_what_its_tables_read(workspace: Workspace) -> None:
    company = workspace.company("datainsight_pro")
    assert (
        {"organisation", "prospect", "deal_outlook", "milestone"} <= read_facts(company) <= set(computed_facts(company))
    )
    streams = {source: {stream.name for stream in found} for source, found in loaded_streams(company).items()}
    assert "companies" in streams["hubspot"]
    assert "milestones" in streams["registers"]
    assert kinds_of(workspace.company("mister_dj")) == set()


def test_a_table_is_named_by_what_it_means() -> None:
    def named(months: int, name: str = "leads") -> str:
        return definition_hash(DataTable(id=name, kind="lead_funnel", params=LeadFunnel(months=months)))

    assert named(6) == named(6, "another_name")
    assert named(6) != named(7)


def test_every_shipped_table_is_shown_by_a_panel(workspace: Workspace) -> None:
    companies = read_catalogue(workspace.settings).companies.values()
    for company in companies:
        shown = {getattr(panel, "data", None) for board in company.dashboards.boards.values() for panel in board.panels}
        assert set(company.dashboards.data) <= shown
