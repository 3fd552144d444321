"""Traffic of the website by day and channel."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a day and channel: a channel without traffic has zeros, a day that was not measured has no rows."""
    rows = facts.records("ga4", "web_traffic")
    return rows.mutate(day=rows.day.epoch_days().cast("int64"))
