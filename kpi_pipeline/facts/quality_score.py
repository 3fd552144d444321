"""Scores of the code analysis."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a branch and day."""
    rows = facts.records("registers", "quality_scores")
    return rows.select("branch", "score_e2", measured_day=day(rows.measured_date))
