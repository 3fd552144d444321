"""What products count as, dated."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a product, class and span."""
    rows = facts.records("registers", "product_classes")
    spans = {"class": rows.kind, "from_day": day(rows.valid_from), "to_day": day(rows.valid_until) + 1}
    return rows.select("product", **spans, **signed(rows))
