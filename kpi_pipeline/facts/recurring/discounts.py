"""Recurring discounts in force: coupons forever, and repeating until they run out; one for a single invoice is none."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerValue, Table

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.arithmetic import FOREVER, quotient_half_up
from kpi_pipeline.facts.recurring.records import ever
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

PERCENT_E4 = 10_000
STACKED = 3  # discounts on one item at one time; Stripe takes each off what the one before has left


def discounts(facts: FactTables) -> Table:
    """discount_id, subscription_id, item_id (null: all items), [start, end), percent_e4, amount_off.

    Read from subscriptions, which show the running ones, and from invoices, which still show those that ran out.
    Raises FactError for a coupon that Stripe no longer lists.
    """
    spans = [ever(facts, "discounts", "id"), ever(facts, "invoice_discounts", "invoice_id", "id")]
    held = ibis.union(
        *(
            rows.filter(rows.subscription_id.notnull() & rows.start.notnull()).select(
                "subscription_id",
                "coupon_id",
                discount_id=rows.id,
                item_id=rows.subscription_item_id,
                start=epoch_ms(rows.start),
                end=epoch_ms(rows.end).coalesce(FOREVER),
            )
            for rows in spans
        )
    )
    one = ibis.window(group_by="discount_id", order_by=["end", "start"])
    held = held.mutate(place=ibis.row_number().over(one)).filter(lambda t: t.place == 0).drop("place")
    coupons = ever(facts, "coupons", "id").select("percent_off", "amount_off", "duration", coupon="id")
    found = facts.computed(held.left_join(coupons, held.coupon_id == coupons.coupon))
    _all_known(facts, found)
    kept = found.filter((found.duration != "once") & (found.end > found.start))
    return facts.computed(
        kept.select(
            "discount_id",
            "subscription_id",
            "item_id",
            "start",
            "end",
            "amount_off",
            percent_e4=(kept.percent_off * PERCENT_E4).round().cast("int64"),
        )
    )


def discounted(facts: FactTables, rows: Table, held: Table) -> Table:
    """`rows` (subscription_id, item_id, at, cycle) with `net`: what is left of the cycle after the discounts in force.

    A percentage is taken of each item, an amount of all items of the subscription by their share, never more than all.
    Each is rounded to the minor unit, as Stripe does on invoices.
    """
    pairs = rows.select("subscription_id", "item_id", "at").view()
    joined = pairs.join(
        held,
        [
            pairs.subscription_id == held.subscription_id,
            pairs["at"] >= held.start,
            pairs["at"] < held.end,
            held.item_id.isnull() | (held.item_id == pairs.item_id),
        ],
        rname="held_{name}",
    )
    ranked = joined.select(
        "item_id",
        "at",
        "percent_e4",
        "amount_off",
        whole=joined.held_item_id.isnull(),
        place=ibis.row_number().over(ibis.window(group_by=["item_id", "at"], order_by=["start", "discount_id"])),
    )
    ranked = facts.computed(ranked)
    rows = rows.mutate(net=rows.cycle)
    most = ranked.aggregate(most=ranked.place.max()).to_pyarrow().to_pylist()[0]["most"]
    deepest = -1 if most is None else int(most)
    if deepest >= STACKED:
        raise FactError(
            f"computing recurring revenue of {facts.company.id}",
            f"a subscription item has {deepest + 1} discounts at once",
            remedy=f"Up to {STACKED} are computed; merge the others into one coupon",
        )
    for place in range(deepest + 1):
        rows = _less(rows, ranked.filter(ranked.place == place).view())
    return rows


def _less(rows: Table, discount: Table) -> Table:
    columns = rows.columns
    together = ibis.window(group_by=["subscription_id", "at"])
    rows = rows.mutate(all_items=rows.net.sum().over(together).cast("decimal(38, 0)").cast("int64"))
    found = rows.left_join(
        discount, [rows.item_id == discount.item_id, rows["at"] == discount["at"]], rname="discount_{name}"
    )
    of_all = quotient_half_up(found.amount_off * found.net, ibis.greatest(found.all_items, 1))
    amount: IntegerValue = ibis.ifelse(found.whole, of_all, found.amount_off)
    percent = quotient_half_up(found.net * found.percent_e4, ibis.literal(100 * PERCENT_E4, "int64"))
    off = percent.coalesce(amount, 0)
    return found.select(*(name for name in columns if name != "net"), net=found.net - ibis.least(off, found.net))


def _all_known(facts: FactTables, found: Table) -> None:
    unknown = found.filter(found.coupon.isnull()).select("coupon_id").distinct().to_pyarrow().to_pylist()
    if unknown:
        names = ", ".join(sorted(str(row["coupon_id"]) for row in unknown)[:5])
        raise FactError(
            f"computing recurring revenue of {facts.company.id}",
            f"Stripe no longer lists the coupons {names} that subscriptions were discounted by",
            remedy="Make coupons with these ids and the old terms again; whoever has one keeps it either way",
        )
