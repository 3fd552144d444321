"""ECB reference rates as validity spans: a rate holds until the next fixing, at most seven days after its own."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables

LONGEST_GAP_DAYS = 7  # Good Friday to Easter Monday and Christmas are shorter; a longer gap is a register nobody keeps


def build(facts: FactTables) -> Table:
    """One row a fixing: [from_day, to_day) in local days."""
    rates = facts.records("registers", "fx_rates")
    rates = rates.select("currency", "rate_e6", from_day=rates.day.epoch_days().cast("int64"))
    following = rates.from_day.lead().over(group_by=rates.currency, order_by=rates.from_day)
    longest = rates.from_day + LONGEST_GAP_DAYS + 1
    return rates.mutate(to_day=ibis.least(following.coalesce(longest), longest))
