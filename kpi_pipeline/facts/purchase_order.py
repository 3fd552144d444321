"""Orders of the ERP system."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an order."""
    rows = facts.records("registers", "orders")
    return rows.select(
        "order_id",
        placed_at=epoch_ms(rows.placed_at),
        fulfilled_at=epoch_ms(rows.fulfilled_at),
        cancelled_at=epoch_ms(rows.cancelled_at),
    )
