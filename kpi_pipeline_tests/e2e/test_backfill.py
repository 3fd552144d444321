"""Twelve months of every KPI from what is landed, as one run."""

from __future__ import annotations

from datetime import date

import dagster as dg

from kpi_pipeline.history.tables import observation
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
