"""Customers as billed, those of one CRM company as one."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import total
from kpi_pipeline.facts.recurring.records import payers
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """Customers that are no tests, with what they first paid for."""
    known = facts.once(payers)
    known = known.filter(~known.is_test)
    rows = known.group_by("customer_id").agg(company_id=known.company_id.max(), created_at=known.created_at.min())
    changes = facts.table("mrr_change")
    opening = changes.filter(changes.changed_at == changes.first_at)
    by_product = opening.group_by("customer_id", "product").agg(
        minor=total(opening.delta_minor), first_mrr_at=opening.first_at.min()
    )
    best = ibis.window(group_by="customer_id", order_by=[ibis.desc("minor"), "product"])
    ranked = by_product.mutate(place=ibis.row_number().over(best))
    first = ranked.filter(ranked.place == 0).select("first_mrr_at", first_product="product", payer="customer_id")
    sums = by_product.group_by(buyer="customer_id").agg(first_mrr_minor=total(by_product.minor))
    rows = rows.left_join(first, rows.customer_id == first.payer)
    return rows.left_join(sums, rows.customer_id == sums.buyer)
