"""Trials of subscriptions, and when their customers first paid."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.recurring.records import payers, subscriptions
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a subscription with a trial, a running one included."""
    lives = facts.once(subscriptions)
    trials = lives.filter(lives.trial_start_at.notnull() & lives.trial_end_at.notnull())
    earlier = ibis.window(group_by="customer_id", order_by=["trial_start_at", "subscription_id"])
    trials = trials.mutate(number=ibis.row_number().over(earlier))
    bills = facts.records("stripe", "invoices")
    bills = bills.filter((bills.amount_paid > 0) & bills.paid_at.notnull()).rename(stripe_customer="customer_id")
    known = facts.once(payers).select("stripe_id", "customer_id")
    bills = bills.left_join(known, bills.stripe_customer == known.stripe_id)
    bills = bills.mutate(payer=bills.customer_id.coalesce(bills.stripe_customer))
    paid = bills.group_by("payer").agg(first_paid_at=epoch_ms(bills.paid_at).min())
    rows = trials.left_join(paid, trials.customer_id == paid.payer)
    # Ended before it began: a subscription that was given up in the second that it was made.
    ended = ibis.least(rows.trial_end_at, rows.ended_at.coalesce(rows.trial_end_at))
    return rows.mutate(
        started_at=rows.trial_start_at, ended_at=ibis.greatest(ended, rows.trial_start_at), repeat=rows.number > 0
    )
