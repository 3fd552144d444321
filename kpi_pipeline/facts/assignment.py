"""Assignments of students."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an assignment that a student began."""
    rows = facts.records("sql", "assignments")
    return rows.mutate(started_at=epoch_ms(rows.started_at), completed_at=epoch_ms(rows.completed_at))
