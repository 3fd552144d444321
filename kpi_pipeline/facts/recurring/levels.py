"""How much a subscription item is worth a month, in its own currency, from each instant at which that changed."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER, quotient_half_up
from kpi_pipeline.facts.recurring.discounts import discounted, discounts
from kpi_pipeline.facts.recurring.records import observed_until, subscriptions
from kpi_pipeline.facts.recurring.standing import standing
from kpi_pipeline.facts.recurring.states import states
from kpi_pipeline.facts.tables import FactTables

PERCENT_E4 = 1_000_000  # a whole, in 1/10,000 percent


def levels(facts: FactTables) -> Table:
    """customer_id, subscription_id, item_id, product_id, currency, [at, until), native, before.

    `native` is the monthly amount in minor units of `currency` from `at`, `before` the one it replaces. A row for every
    change and product; nothing after the last thing that was ever observed.
    """
    lives = facts.once(subscriptions)
    lives = lives.mutate(counts_from=lives.trial_end_at.coalesce(0), counts_until=lives.ended_at.coalesce(FOREVER))
    held, stands, off = facts.once(states), facts.once(standing), facts.once(discounts)
    moments = facts.computed(_moments(facts, lives, held, stands, off))
    at_moment = held.select(
        "subscription_id", "item_id", "product_id", "cycle", "times", "per", "tax_e4", since="at", until="until"
    )
    rows = moments.join(at_moment, "subscription_id")
    rows = rows.filter(rows["at"] >= rows.since, rows["at"] < rows.until.coalesce(FOREVER)).drop("since", "until")
    counted = stands.select("counts", sub="subscription_id", since="at", until=stands.until.coalesce(FOREVER))
    rows = rows.left_join(
        counted, [rows.subscription_id == counted.sub, rows["at"] >= counted.since, rows["at"] < counted.until]
    )
    in_life = (rows["at"] >= rows.counts_from) & (rows["at"] < rows.counts_until)
    rows = rows.mutate(cycle=ibis.ifelse(in_life & rows.counts.coalesce(ibis.literal(True)), rows.cycle, 0))
    rows = rows.drop("sub", "since", "until", "counts", "counts_from", "counts_until")
    net = discounted(facts, facts.computed(rows), off)
    without_tax = quotient_half_up(net.net * PERCENT_E4, PERCENT_E4 + net.tax_e4)
    net = facts.computed(net.mutate(net=without_tax))
    valued = net.mutate(native=quotient_half_up(net.net * net.times, net.per))
    return facts.computed(_changes(valued))


def _moments(facts: FactTables, lives: Table, held: Table, stands: Table, off: Table) -> Table:
    """Every instant at which something about a subscription may have changed."""
    begun = held.group_by("subscription_id").agg(begun=held["at"].min())
    instants = ibis.union(
        held.select("subscription_id", "at"),
        stands.select("subscription_id", "at"),
        off.select("subscription_id", at="start"),
        off.select("subscription_id", at="end"),
        lives.select("subscription_id", at="counts_from"),
        lives.select("subscription_id", at="counts_until"),
        distinct=True,
    )
    rows = instants.join(begun, "subscription_id")
    rows = rows.filter(rows["at"] >= rows.begun, rows["at"] <= observed_until(facts)).select("subscription_id", "at")
    return rows.join(lives.drop("item_ids", "account_id", "created_at", "trial_start_at"), "subscription_id")


def _changes(valued: Table) -> Table:
    """Rows at which the amount of an item or its product differs from the row before."""
    # An item that moves to another product leaves the old one with nothing: it gets a row there as well.
    key = ["subscription_id", "item_id", "product_id"]
    products = valued.select(*key, "customer_id", "currency").distinct()
    moments = valued.select("subscription_id", "item_id", "at").distinct()
    grid = moments.join(products, ["subscription_id", "item_id"])
    own = valued.select("item_id", "product_id", "at", "native")
    rows = grid.left_join(own, ["item_id", "product_id", "at"], rname="own_{name}")
    rows = rows.select(*key, "customer_id", "currency", "at", native=rows.native.coalesce(0))
    ordered = ibis.window(group_by=["item_id", "product_id"], order_by="at")
    rows = rows.mutate(before=rows.native.lag().over(ordered).coalesce(0))
    rows = rows.filter(rows.native != rows.before)
    return rows.mutate(until=rows["at"].lead().over(ordered))
