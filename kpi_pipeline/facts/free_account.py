"""Customers who began on a free plan, and when they first paid."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.free_spans import free_spans
from kpi_pipeline.facts.paying_spans import paying_spans
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a customer; one who already paid for something else when the free plan began is none."""
    free, paying = facts.once(free_spans), facts.once(paying_spans)
    began = free.group_by("customer_id").agg(free_from_at=free.start_at.min())
    before = [
        began.customer_id == paying.payer,
        paying.from_at <= began.free_from_at,
        began.free_from_at < paying.until_at,
    ]
    began = began.anti_join(paying, before)
    paying = paying.view()
    later = began.join(paying, [began.customer_id == paying.payer, paying.from_at >= began.free_from_at])
    upgraded = later.group_by(upgrader="customer_id").agg(upgraded_at=later.from_at.min())
    return began.left_join(upgraded, began.customer_id == upgraded.upgrader)
