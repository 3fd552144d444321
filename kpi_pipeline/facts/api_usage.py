"""Use of the product's API."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row an account and local day on which it called."""
    rows = facts.records("sql", "api_calls")
    return rows.mutate(day=rows.day.epoch_days().cast("int64"))
