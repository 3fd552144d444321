"""Since when and until when customers are on a plan that costs nothing: a step that several facts share."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.recurring.prices import prices
from kpi_pipeline.facts.recurring.records import subscriptions
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def free_spans(facts: FactTables) -> Table:
    """customer_id, start_at, end_at: a period invoiced at a recurring price of 0, or the part until its end came.

    By invoice lines, because a subscription that moved to a paid price in its middle no longer shows the free one. A
    trial is not free: its price costs something, only the amount is nothing.
    """
    free = [price.id for price in prices(facts).values() if price.interval and price.unit == 0 and not price.tiers]
    lines = facts.records("stripe", "invoice_lines")
    lines = lines.filter(lines.price_id.isin(free) if free else ibis.literal(False), lines.subscription_id.notnull())
    lives = facts.once(subscriptions).select("customer_id", "ended_at", holder="subscription_id")
    rows = lines.join(lives, lines.subscription_id == lives.holder)
    rows = rows.select(
        "customer_id",
        start_at=epoch_ms(rows.period_start),
        end_at=ibis.least(epoch_ms(rows.period_end), rows.ended_at.coalesce(FOREVER)),
    )
    return rows.filter(rows.end_at > rows.start_at)
