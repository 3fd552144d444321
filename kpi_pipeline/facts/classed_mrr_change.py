"""Recurring revenue by what its products count as."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a change of revenue and class that its product had on that local day; none for a product without one."""
    changes, classes = facts.table("mrr_change"), facts.table("product_class")
    dated = changes.mutate(day=local_day(changes.changed_at, facts.company.zone))
    spans = classes.select("product", "class", "from_day", "to_day")
    rows = dated.join(spans, "product")
    return rows.filter(rows.from_day <= rows.day, rows.to_day.isnull() | (rows.day < rows.to_day))
