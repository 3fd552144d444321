"""Since when and until when customers have recurring revenue: a step that several facts share."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER, running_total, total
from kpi_pipeline.facts.tables import FactTables


def paying_spans(facts: FactTables) -> Table:
    """payer, from_at, until_at (FOREVER while it lasts): a span between two changes in which a customer has MRR.

    Spans of a customer follow each other without a gap while it pays; changes of one instant are one.
    """
    changes = facts.table("mrr_change")
    steps = changes.group_by("customer_id", "changed_at").agg(delta=total(changes.delta_minor))
    in_order = ibis.window(group_by="customer_id", order_by="changed_at")
    to_here = ibis.cumulative_window(group_by="customer_id", order_by="changed_at")
    held = steps.mutate(
        level=running_total(steps.delta, to_here), until_at=steps.changed_at.lead().over(in_order).coalesce(FOREVER)
    )
    return held.filter(held.level > 0).select(payer="customer_id", from_at="changed_at", until_at="until_at")
