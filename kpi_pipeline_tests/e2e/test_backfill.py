"""Twelve months of every KPI from what is landed, as one run."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import dagster as dg

from kpi_pipeline.flow.recompute import recompute
from kpi_pipeline.history.tables import observation
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.tags import months_tags
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, Installation


def test_twelve_months_of_ten_kpis_are_one_run(loaded: Installation, mine: Installation) -> None:
    (mine.home / "kpi" / "history.db").unlink()
    ran = mine.months("kpis", "2025-11", "2026-10", NOW)
    assert ran.success, ran.failures
    days = (date(2026, 10, 31) - date(2025, 11, 1)).days + 1
    found, expected = mine.rows(observation), loaded.rows(observation)
    with mine.at(NOW) as (_, company):
        assert len(company.headline_kpis()) == 10
        assert len(found) == days * len(company.kpis)
    told = {(row["kpi"], row["day"]): row["value"] for row in found}
    assert told == {key: row for row in expected if (key := (row["kpi"], row["day"])) in told for row in [row["value"]]}
    with mine.instance() as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS]
        key = dg.AssetKey([COMPANY, "kpi", "lead_to_booking_conversion"])
        assert len(instance.get_materialized_partitions(key)) == 12


def test_months_before_the_first_load_have_no_values_until_they_are_loaded(mine: Installation) -> None:
    """No ticket was loaded of August and September: that none was open then is not known, nor that the site was up."""
    kpis = ("p1_resolution_time_avg", "website_availability")
    august = months_tags(COMPANY, "2025-08", "2025-09")
    first, last = date(2025, 8, 1), date(2025, 10, 31)

    def again(now: datetime) -> set[tuple[str, str | None]]:
        with mine.at(now) as (workspace, company):
            declared = [company.kpis[kpi] for kpi in kpis]
            found = recompute(workspace, company, declared, first, last, lambda _: None)
        return {(each.kind, each.kpi) for each in found}

    ran = mine.run("kpis", august, NOW, [naming.kpi_key(COMPANY, kpi) for kpi in kpis])
    assert ran.success, ran.failures
    with mine.at(NOW) as (workspace, _):
        for kpi in kpis:
            rows = workspace.history.series(COMPANY, kpi, first, last)
            said = [(row.value, row.n, row.status, row.reason) for row in rows]
            assert set(said[:61]) == {(None, 0, "no_data", "not_loaded")}
            assert "not_loaded" not in {reason for _, _, _, reason in said[61:]}
    assert again(NOW) == set()

    later = NOW + timedelta(hours=1)
    issues = [naming.landing_key(COMPANY, "linear", name) for name in ("issues", "state_spans", "issue_history")]
    loaded = mine.run("landing", august, later, issues)
    assert loaded.success, loaded.failures
    assert again(later) == {("inputs_changed", "p1_resolution_time_avg")}
