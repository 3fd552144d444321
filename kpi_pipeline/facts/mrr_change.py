"""Changes of monthly recurring revenue, rebuilt from what was billed (see facts/recurring)."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.recurring.home import months_of, moved, revalued
from kpi_pipeline.facts.recurring.levels import levels
from kpi_pipeline.facts.recurring.products import products
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a change of an item, and one a month-end, customer and product whose exchange rate moved."""
    sold = facts.once(levels)
    months = months_of(facts, sold)
    bought = moved(facts, sold, months).select(
        "customer_id",
        "subscription_id",
        "product_id",
        "delta_minor",
        changed_at="at",
        reason=ibis.literal("subscription"),
        change_id=lambda t: t.item_id + "@" + t["at"].cast("string") + "@" + t.product_id,
    )
    rates = revalued(facts, sold, months).select(
        "customer_id",
        "product_id",
        "delta_minor",
        changed_at="at",
        subscription_id=ibis.null("string"),
        reason=ibis.literal("fx"),
        change_id=lambda t: "fx@" + t.customer_id + "@" + t.product_id + "@" + t["at"].cast("string"),
    )
    rows = ibis.union(bought, rates.select(*bought.columns))
    rows = rows.filter(rows.delta_minor != 0)
    first = sold.filter(sold.native > 0).group_by("customer_id").agg(first_at=sold["at"].min())
    rows = rows.join(first, "customer_id")
    named = facts.once(products)
    rows = rows.left_join(named, "product_id")
    return rows.mutate(product=rows.product.coalesce(rows.product_id))
