"""Whether a subscription counted: not while its collection is paused without being billed later, nor when given up."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

COUNTING = ("trialing", "active", "past_due")  # a trial has no revenue, but that is not for its status to say
FORGOING = ("void", "mark_uncollectible")  # keep_as_draft bills later
AT_ONCE_MS = 3_600_000  # an invoice given up by a pause is so when it is made; one given up later was really owed
EVENT, SEEN, BILLED = 0, 1, 2  # of two statements for one instant the first in this order is right


def standing(facts: FactTables) -> Table:
    """subscription_id, [at, until), counts: whether it counted by its status and by how it was collected."""
    stated = ibis.union(_events(facts), _seen(facts), _billed(facts))
    first = ibis.window(group_by=["subscription_id", "at"], order_by=["rank", "counts"])
    one = stated.mutate(place=ibis.row_number().over(first)).filter(lambda t: t.place == 0).drop("place", "rank")
    later = ibis.window(group_by="subscription_id", order_by="at")
    return facts.computed(one.mutate(until=one["at"].lead().over(later)))


def _events(facts: FactTables) -> Table:
    rows = facts.records("stripe", "subscription_events")
    return rows.select(
        "subscription_id",
        at=epoch_ms(rows.created),
        counts=_counts(rows.status, rows.pause_behavior),
        rank=ibis.literal(EVENT, "int64"),
    )


def _seen(facts: FactTables) -> Table:
    """What Stripe showed whenever we looked: the only trace of a pause that began between renewals long ago."""
    rows = facts.versions("stripe", "subscriptions")
    rows = rows.filter(~rows["_deleted"])
    return rows.select(
        subscription_id=rows.id,
        at=epoch_ms(rows["_observed_at"]),
        counts=_counts(rows.status, rows.pause_behavior),
        rank=ibis.literal(SEEN, "int64"),
    )


def _billed(facts: FactTables) -> Table:
    """The invoice of each full period: while collection is paused it is void or uncollectible from the start."""
    bills = facts.records("stripe", "invoices")
    made = epoch_ms(bills.created)
    forgone = [epoch_ms(at) - made <= AT_ONCE_MS for at in (bills.voided_at, bills.uncollectible_at)]
    bills = bills.select(bill="id", counts=~(forgone[0].coalesce(ibis.literal(False)) | forgone[1].coalesce(False)))
    lines = facts.records("stripe", "invoice_lines")
    lines = lines.filter(~lines.proration & lines.subscription_id.notnull() & lines.period_start.notnull())
    # A metered line looks back: the period that begins is that of the latest line.
    starts = lines.group_by("subscription_id", "invoice_id").agg(at=epoch_ms(lines.period_start).max())
    found = starts.join(bills, starts.invoice_id == bills.bill)
    return found.select("subscription_id", "at", "counts", rank=ibis.literal(BILLED, "int64"))


def _counts(status: StringValue, pause: StringValue) -> BooleanValue:
    return status.isin(COUNTING) & ~pause.coalesce(ibis.literal("")).isin(FORGOING)
