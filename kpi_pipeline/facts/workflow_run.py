"""Runs of automated workflows."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a run; a retry that succeeded made it a success."""
    rows = facts.records("registers", "workflow_runs")
    return rows.select(
        "run_id",
        "workflow",
        "outcome",
        started_at=epoch_ms(rows.started_at),
        finished_at=epoch_ms(rows.finished_at),
    )
