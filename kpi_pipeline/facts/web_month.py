"""Distinct users of the website in a month so far."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a day; that of the last day of a month holds the month's users.

    A row a month would be smaller, but would rewrite what was true on each earlier day of the running month.
    """
    rows = facts.records("ga4", "month_users")
    return rows.mutate(month_day=rows.day.epoch_days().cast("int64"))
