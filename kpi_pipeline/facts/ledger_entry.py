"""The cash ledger in the company's currency."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.currency import converted, with_rates
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an entry; a foreign amount is converted at the rate of the entry's day."""
    entries = facts.records("registers", "ledger")
    entries = entries.mutate(day=entries.day.epoch_days().cast("int64"), entered_at=epoch_ms(entries.entered_at))
    rated = with_rates(facts, entries, day="day", what="ledger entries")
    return rated.mutate(amount_minor=converted(rated.amount_minor, rated.currency, rated, facts.company.currency))
