"""Documents published and sessions held."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts import register
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a document or session."""
    rows = facts.records("registers", "knowledge_items")
    return rows.select("item_id", "kind", day=register.day(rows.date), **register.signed(rows))
