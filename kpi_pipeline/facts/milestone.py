"""Milestones, planned and done."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a milestone of an item."""
    rows = facts.records("registers", "milestones")
    return rows.select(
        "milestone",
        "item_name",
        "weight_e2",
        "status",
        kpi=rows.kpi_id,
        item=rows.item_id,
        baseline_day=day(rows.baseline_date),
        planned_day=day(rows.planned_date),
        actual_day=day(rows.actual_date),
        **signed(rows),
    )
