"""Figures that people reported."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a figure and period."""
    rows = facts.records("registers", "scorecard")
    return rows.select(
        "framework",
        "segment",
        "value_e6",
        "numerator_e6",
        "denominator_e6",
        kpi=rows.kpi_id,
        period_start_day=day(rows.period_start),
        period_end_day=day(rows.period_end),
        **signed(rows),
    )
