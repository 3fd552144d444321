"""Stripe's records that past revenue hangs on, those that are deleted by now included."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

OBSERVED = (
    ("stripe", "subscriptions"),
    ("stripe", "invoices"),
    ("stripe", "subscription_events"),
    ("registers", "fx_rates"),
)
NEVER_BEGAN = ("incomplete", "incomplete_expired")  # the first payment has not come


def ever(facts: FactTables, stream: str, *key: str) -> Table:
    """The newest version in which each record was still there."""
    rows = facts.versions("stripe", stream)
    rows = rows.filter(~rows["_deleted"])
    newest = ibis.window(group_by=list(key), order_by=[ibis.desc("_observed_at"), ibis.desc("_run_id")])
    ranked = rows.mutate(_rank=ibis.row_number().over(newest))
    return ranked.filter(ranked["_rank"] == 0).drop("_rank")


def payers(facts: FactTables) -> Table:
    """stripe_id, customer_id, company_id, created_at, is_test of every customer that ever was.

    Customers of one CRM company are one: their id is its, from the metadata that the setting `company_metadata` names.
    """
    rows = ever(facts, "customers", "id")
    company = facts.named_column(rows, "stripe", "company_metadata").nullif("")
    return rows.select(
        stripe_id=rows.id,
        customer_id=company.coalesce(rows.id),
        company_id=company,
        created_at=epoch_ms(rows.created),
        is_test=~rows.livemode.coalesce(ibis.literal(True)) | rows.test_clock.notnull(),
    )


def subscriptions(facts: FactTables) -> Table:
    """Subscriptions that ever began: subscription_id, customer_id, currency, account_id and instants of their life.

    One whose customer was deleted before we ever saw it belongs to that customer alone.
    """
    rows = facts.records("stripe", "subscriptions")
    rows = rows.filter(rows.livemode.coalesce(ibis.literal(True)) & rows.status.notin(NEVER_BEGAN))
    known = facts.once(payers).select("is_test", known_as="customer_id", payer="stripe_id")
    rows = rows.left_join(known, rows.customer_id == known.payer)
    rows = rows.filter(~rows.is_test.coalesce(ibis.literal(False)))
    return rows.select(
        "account_id",
        "item_ids",
        customer_id=rows.known_as.coalesce(rows.customer_id),
        subscription_id=rows.id,
        currency=rows.currency.upper(),
        created_at=epoch_ms(rows.created),
        trial_start_at=epoch_ms(rows.trial_start),
        trial_end_at=epoch_ms(rows.trial_end),
        ended_at=epoch_ms(rows.ended_at),
    )


def observed_until(facts: FactTables) -> int:
    """The last instant (epoch ms) at which anything new was seen: what is dated after it has not come yet."""
    seen = ibis.union(*(facts.versions(*stream).select("_observed_at") for stream in OBSERVED))
    last = seen.aggregate(last=seen["_observed_at"].max()).to_pyarrow().to_pylist()[0]["last"]
    return 0 if last is None else round(last.timestamp() * 1_000)
