"""What each subscription item held, from when on: a price, and what one period of it costs."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.arithmetic import total
from kpi_pipeline.facts.recurring.prices import Price, price_table, prices, with_cost
from kpi_pipeline.facts.recurring.records import ever
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

LINE, SEEN, DEBIT, CREDIT, GONE = 0, 1, 2, 3, 4  # of two statements for one instant the first in this order is right
PERCENT_E4 = 10_000
COLUMNS = ("subscription_id", "item_id", "at", "price_id", "own_product", "cycle", "rate_id", "days", "rank")
# Days of a period → (times, per) of a price that no list shows any more; other lengths count by the day.
LENGTHS = ((28, 31, 1, 1), (89, 92, 1, 3), (181, 184, 1, 6), (365, 366, 1, 12))
DAY_MS = 86_400_000
NO_PRODUCT = "unknown product"  # a line of a bare amount names none


def states(facts: FactTables) -> Table:
    """subscription_id, item_id, [at, until), product_id, cycle, times, per, tax_e4.

    `cycle` is what a period costs in minor units of the subscription's currency, before discount; `times` ÷ `per` of it
    is a month; `tax_e4` is the tax that the amount includes, in 1/10,000 percent.
    """
    known = prices(facts)
    stated = facts.computed(ibis.union(_lines(facts), _seen(facts, known), _prorations(facts, known), _removed(facts)))
    first = ibis.window(group_by=["item_id", "at"], order_by=["rank", ibis.desc("cycle"), "price_id"])
    one = stated.mutate(place=ibis.row_number().over(first)).filter(lambda t: t.place == 0).drop("place")
    later = ibis.window(group_by="item_id", order_by="at")
    spans = one.mutate(until=one["at"].lead().over(later))
    priced = spans.left_join(price_table(facts, known.values()), "price_id")
    priced = priced.filter(priced.is_licensed.coalesce(ibis.literal(True)))
    return facts.computed(_taxed(facts, priced))


def _lines(facts: FactTables) -> Table:
    """Full periods as invoiced; the lines of an item in one invoice (one a tier) add up. A trial costs nothing."""
    rows = facts.records("stripe", "invoice_lines")
    whole = ~rows.proration & rows.subscription_item_id.notnull() & rows.subscription_id.notnull()
    rows = rows.filter(whole, rows.period_start.notnull())
    bills = facts.records("stripe", "invoices").select(bill="id")
    rows = rows.semi_join(bills, rows.invoice_id == bills.bill)
    rows = rows.mutate(at=epoch_ms(rows.period_start), length=epoch_ms(rows.period_end) - epoch_ms(rows.period_start))
    summed = rows.group_by("subscription_id", "invoice_id", "at", "price_id", item_id="subscription_item_id").agg(
        own_product=rows.product_id.max(),
        cycle=total(rows.amount),
        rate_id=rows.inclusive_tax_rate_id.max(),
        days=((rows.length.max() + DAY_MS // 2) / DAY_MS).floor().cast("int64"),
    )
    return summed.mutate(rank=_rank(LINE)).select(*COLUMNS)


def _seen(facts: FactTables, known: Mapping[str, Price]) -> Table:
    """What Stripe showed whenever we looked: the only trace of a change without proration."""
    rows = facts.versions("stripe", "subscription_items")
    rows = rows.filter(~rows["_deleted"] & rows.quantity.notnull())
    rows = rows.select(
        "subscription_id",
        "price_id",
        "quantity",
        item_id=rows.id,
        own_product=rows.product_id,
        at=epoch_ms(rows["_observed_at"]),
    )
    rows = with_cost(facts, rows, known)
    return rows.mutate(rate_id=ibis.null("string"), days=ibis.null("int64"), rank=_rank(SEEN)).select(*COLUMNS)


def _prorations(facts: FactTables, known: Mapping[str, Price]) -> Table:
    """A change in mid-period: what is held from then on; a credit alone means that the item is gone.

    Amounts of nothing tell nothing: a discount of 100 % makes credit and debit alike. A debit at a price that no list
    shows is told by the next full period.
    """
    rows = facts.records("stripe", "invoice_items")
    rows = rows.filter(rows.proration & rows.subscription_item_id.notnull() & (rows.amount != 0))
    rows = rows.select(
        "subscription_id",
        "price_id",
        item_id=rows.subscription_item_id,
        own_product=rows.product_id,
        at=epoch_ms(rows.period_start),
        quantity=rows.quantity.coalesce(0),
        is_debit=rows.amount > 0,
    )
    rows = with_cost(facts, rows, known)
    return rows.select(
        "subscription_id",
        "item_id",
        "at",
        "price_id",
        "own_product",
        cycle=ibis.ifelse(rows.is_debit, rows.cycle, 0).cast("int64"),
        rate_id=ibis.null("string"),
        days=ibis.null("int64"),
        rank=ibis.ifelse(rows.is_debit, DEBIT, CREDIT).cast("int64"),
    )


def _removed(facts: FactTables) -> Table:
    """Items that a subscription no longer lists end with the last period that was billed for them."""
    items = facts.records("stripe", "subscriptions").select(holder="id", held="item_ids")
    rows = facts.once(_last_periods)
    rows = rows.join(items, rows.subscription_id == items.holder)
    rows = rows.filter(~rows.held.contains(rows.item_id))
    return rows.select(
        "subscription_id",
        "item_id",
        "at",
        price_id=ibis.null("string"),
        own_product=ibis.null("string"),
        cycle=ibis.literal(0, "int64"),
        rate_id=ibis.null("string"),
        days=ibis.null("int64"),
        rank=_rank(GONE),
    )


def _last_periods(facts: FactTables) -> Table:
    rows = facts.records("stripe", "invoice_lines")
    rows = rows.filter(~rows.proration & rows.subscription_item_id.notnull() & rows.subscription_id.notnull())
    grouped = rows.group_by("subscription_id", item_id="subscription_item_id")
    return grouped.agg(at=epoch_ms(rows.period_end).max())


def _taxed(facts: FactTables, rows: Table) -> Table:
    """The rate that an inclusive price contains: that of the line, else of the subscription's line before it."""
    before = ibis.cumulative_window(group_by="subscription_id", order_by=["at", "rank", "item_id"])
    # Not a cast of the test: PostgreSQL does not turn a truth value into a bigint.
    named = ibis.ifelse(rows.rate_id.notnull(), 1, 0).cast("int64")
    rows = rows.mutate(_run=named.sum().over(before))
    rows = rows.mutate(_rate=rows.rate_id.max().over(ibis.window(group_by=["subscription_id", "_run"])))
    inclusive = rows.is_inclusive.coalesce(ibis.literal(False))
    rows = rows.mutate(_rate=ibis.ifelse(inclusive, rows._rate, ibis.null("string")))
    rates = ever(facts, "tax_rates", "id").select(_id="id", _percentage="percentage")
    rows = facts.computed(rows.left_join(rates, rows._rate == rates._id))
    unknown = rows.filter(rows._rate.notnull() & rows._id.isnull()).select("_rate").distinct()
    missing = sorted(row["_rate"] for row in unknown.to_pyarrow().to_pylist())
    if missing:
        raise FactError(
            f"computing recurring revenue of {facts.company.id}",
            f"invoices include tax at rates that Stripe does not list: {', '.join(missing[:5])}",
            remedy="Give the key read permission for tax rates and load the stream tax_rates again",
        )
    return rows.select(
        "subscription_id",
        "item_id",
        "at",
        "until",
        "cycle",
        product_id=rows.own_product.coalesce(rows.product_id, NO_PRODUCT),
        times=rows.times.coalesce(_by_length(rows.days, 2)),
        per=rows.per.coalesce(_by_length(rows.days, 3)),
        tax_e4=(rows._percentage * PERCENT_E4).round().cast("int64").coalesce(0),
    )


def _by_length(days: ibis.Value, place: int) -> ibis.Value:
    """`times` (2) or `per` (3) of a period of so many days."""
    known = [(days.between(each[0], each[1]), ibis.literal(each[place], "int64")) for each in LENGTHS]
    return ibis.cases(*known, else_=ibis.literal(365, "int64") if place == 2 else 12 * ibis.greatest(days, 1))


def _rank(place: int) -> ibis.Value:
    return ibis.literal(place, "int64")
