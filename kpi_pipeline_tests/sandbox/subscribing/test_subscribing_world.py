"""Lives of subscriptions, and what the biller makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import stripe

from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.world.model import Coupon, Invoice, Price, Product, World
from kpi_pipeline.sandbox.world.subscribing import Account, Change, Desk, Life
from kpi_pipeline.sandbox.world.subscribing.cycles import (
    boundary,
    cost,
    discounts_of,
    next_boundary,
    share,
    tier_parts,
    without_tax,
)
from kpi_pipeline_tests.recurring.subscribers import MANY, NOW, build

MONTHLY = Price("m", "p", "eur", "3000", "recurring", "month", 1, NOW)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return build()


@pytest.fixture
def small() -> World:
    made = World(
        "mister_dj", 7, date(2026, 11, 22), "Europe/Amsterdam", "EUR", at(1, 1), datetime(2027, 1, 6, tzinfo=UTC)
    )
    made.products.append(Product("p", "Portal", True, at(1, 1)))
    made.prices += [MONTHLY, replace(MONTHLY, id="year", unit_amount_decimal="36500", interval="year"),
                    replace(MONTHLY, id="usd", currency="usd")]  # fmt: skip
    made.coupons.append(Coupon("HALF", at(1, 1), Decimal(50), None, None, "repeating", 2))
    return made


def bills(world: World) -> list[Invoice]:
    return sorted(world.invoices, key=lambda row: row.created_at)


def amounts(bill: Invoice) -> list[int]:
    return [line.amount for line in bill.lines]


def test_a_period_begins_on_the_day_of_the_anchor_or_the_last_of_a_shorter_month() -> None:
    anchor = datetime(2026, 1, 31, 8, tzinfo=UTC)
    starts = [boundary(anchor, MONTHLY, number) for number in range(5)]
    assert [(each.month, each.day, each.hour) for each in starts] == [
        (1, 31, 8),
        (2, 28, 8),
        (3, 31, 8),
        (4, 30, 8),
        (5, 31, 8),
    ]
    assert next_boundary(anchor, MONTHLY, starts[1]) == starts[2]
    assert next_boundary(anchor, MONTHLY, starts[1] - timedelta(seconds=1)) == starts[1]
    leap = replace(MONTHLY, interval="year")
    assert boundary(datetime(2024, 2, 29, tzinfo=UTC), leap, 1) == datetime(2025, 2, 28, tzinfo=UTC)
    assert next_boundary(anchor, replace(MONTHLY, interval="week"), anchor + timedelta(days=8)) == anchor + timedelta(
        14
    )


def test_prices_are_computed_as_stripe_rounds() -> None:
    graduated = replace(MONTHLY, unit_amount_decimal=None, tiers=((10, 500), (None, 400)))
    assert [cost(graduated, number) for number in (1, 10, 11, 12)] == [500, 5_000, 5_400, 5_800]
    assert tier_parts(graduated, 12) == [(10, 500), (2, 400)]
    volume = replace(graduated, tiers_mode="volume")
    assert [cost(volume, number) for number in (10, 11)] == [5_000, 4_400]
    assert cost(replace(MONTHLY, unit_amount_decimal="0.5"), 3) == 2
    assert discounts_of(Coupon("c", NOW, Decimal("12.5"), None, None, "forever"), [100, 4]) == [13, 1]
    assert discounts_of(Coupon("c", NOW, None, 300, "eur", "forever"), [200, 400]) == [100, 200]
    assert discounts_of(Coupon("c", NOW, None, 900, "eur", "forever"), [200, 400]) == [200, 400]
    assert without_tax(1_210, Decimal(21)) == 1_000
    assert share(3_000, at(4, 1), at(5, 1), at(4, 11)) == 2_000


def test_a_change_in_mid_period_credits_what_is_unused_and_bills_the_rest_at_once_or_later(small: World) -> None:
    desk = Desk(small, 7)
    later = Change(at(4, 11), (("m", 3),))
    desk.subscribe(Life("later", Account("later"), at(4, 1), (("m", 1),), changes=(later,), ends=at(6, 1)))
    first, renewal = bills(small)
    assert (amounts(first), amounts(renewal)) == ([3_000], [9_000, -2_000, 6_000])
    assert [line.proration for line in renewal.lines] == [False, True, True]
    credit, debit = small.invoice_items
    assert (credit.quantity, debit.quantity, credit.invoiced_at) == (1, 3, at(5, 1))
    small.invoices.clear()
    now = replace(later, invoice_now=True)
    desk.subscribe(Life("now", Account("now"), at(4, 1), (("m", 1),), changes=(now,), ends=at(5, 1)))
    assert [(bill.billing_reason, amounts(bill)) for bill in bills(small)] == [
        ("subscription_create", [3_000]),
        ("subscription_update", [-2_000, 6_000]),
    ]


def test_credit_that_is_left_lowers_the_next_invoices(small: World) -> None:
    smaller = Change(at(3, 1), (("year", 1),), invoice_now=True)
    Desk(small, 7).subscribe(
        Life("x", Account("x"), datetime(2026, 1, 1, tzinfo=UTC), (("year", 3),), changes=(smaller,))
    )
    first, update, renewal = bills(small)
    assert sum(amounts(update)) == -2 * 30_600  # 306 of 365 days of two seats
    assert (update.paid_at, update.payments, update.ending_balance) == (at(3, 1), (), -61_200)
    assert (renewal.created_at.year, renewal.starting_balance, renewal.ending_balance) == (2027, -61_200, -24_700)
    assert first.payments[0].amount == 3 * 36_500


def test_a_new_interval_begins_a_new_period(small: World) -> None:
    Desk(small, 7).subscribe(
        Life("x", Account("x"), at(4, 1), (("m", 1),), changes=(Change(at(4, 16), (("year", 1),)),))
    )
    first, update = bills(small)
    assert (amounts(update), update.period_end) == ([36_500, -1_500], datetime(2027, 4, 16, tzinfo=UTC))
    assert small.subscriptions[0].anchors == (at(4, 16),)
    assert first.period_end == at(5, 1)


@pytest.mark.parametrize(
    ("more", "end", "why"),
    [
        ({"cancel_requested": at(5, 20)}, at(6, 1), "cancellation_requested"),
        ({"ends": at(5, 20)}, at(5, 20), "cancellation_requested"),
        ({"never_pays_from": at(5, 20)}, at(6, 22), "payment_failed"),
        ({"trial_days": 14, "lapses": True}, at(4, 15), "cancellation_requested"),
    ],
)
def test_each_end_comes_when_it_should(small: World, more: dict[str, Any], end: datetime, why: str) -> None:
    found = Desk(small, 7).subscribe(Life("x", Account("x"), at(4, 1), (("m", 1),), **more))
    assert (found.ended_at, found.cancel_reason, found.statuses[-1]) == (end, why, ("canceled", end))
    assert all(item.end == end for item in found.items)
    assert all(bill.created_at < end for bill in small.invoices)
    assert found.cancel_at_period_end == ("cancel_requested" in more)


def test_invoices_of_a_pause_are_void_or_kept_as_drafts(small: World) -> None:
    desk = Desk(small, 7)
    pause = ("void", at(5, 10), at(6, 20))  # long ago: moved to the renewals that follow
    found = desk.subscribe(Life("x", Account("x"), at(4, 1), (("m", 1),), pauses=(pause,), ends=at(8, 1)))
    assert found.pauses == (("void", at(6, 1), at(7, 1)),)
    assert [bill.voided_at for bill in bills(small)] == [None, None, at(6, 1), None]
    lately = Life("y", Account("y"), at(10, 1), (("m", 1),), pauses=(("keep_as_draft", at(11, 5, 9), None),))
    assert desk.subscribe(lately).pauses == lately.pauses
    assert bills(small)[-1].finalized_at is None


@pytest.mark.parametrize(
    ("life", "match"),
    [
        (Life("x", Account("x"), at(4, 1), (("m", 1), ("year", 1))), "one currency and interval"),
        (Life("x", Account("x"), at(4, 1), (("m", None),)), "m is licensed, its quantity None"),
        (Life("x", Account("x"), at(4, 1) + timedelta(microseconds=5), (("m", 1),)), "not a whole second"),
        (
            Life("x", Account("x"), at(4, 1), (("m", 1),), changes=(Change(at(5, 9), (("m", 2),)),),
                 pauses=(("void", at(5, 1), at(6, 1)),)),
            "lies in a pause",
        ),
    ],
)  # fmt: skip
def test_a_life_that_the_biller_could_not_keep_is_refused(small: World, life: Life, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Desk(small, 7).subscribe(life)


def test_equal_seeds_tell_equal_lives_and_others_other_ones(world: World) -> None:
    again, other = build(), build(seed=8)
    assert (again.subscriptions, again.invoices, again.payments) == (
        world.subscriptions,
        world.invoices,
        world.payments,
    )
    assert other.subscriptions != world.subscriptions


def test_money_adds_up_on_every_invoice(world: World) -> None:
    payments = {payment.id: payment for payment in world.payments}
    settled = 0
    for bill in world.invoices:
        total = sum(line.amount - line.discount + (0 if line.tax_inclusive else line.tax) for line in bill.lines)
        paid = sum(part.amount for part in bill.payments)
        if bill.paid_at is not None:
            assert paid == max(0, total + bill.starting_balance)
            assert bill.ending_balance == min(0, total + bill.starting_balance)
            settled += 1
        assert all(payments[part.payment_id].invoice_id == bill.id for part in bill.payments)
        assert all(line.discount <= max(0, line.amount) for line in bill.lines)
    assert settled > 900


def test_no_period_is_billed_twice_or_left_out(world: World) -> None:
    for life in world.subscriptions:
        cycles = [bill for bill in world.invoices if bill.subscription_id == life.id and bill.lines
                  and not all(line.proration for line in bill.lines)]  # fmt: skip
        starts = sorted(bill.period_start for bill in cycles)
        ends = sorted(bill.period_end for bill in cycles)
        assert len(set(starts)) == len(starts)
        if not life.anchors:
            assert starts[1:] == ends[:-1]
        assert ends[-1] >= min(life.ended_at or world.horizon, world.horizon) or life.cancel_reason == "payment_failed"


def test_every_special_case_is_there(world: World) -> None:
    lives = {row.id: row for row in world.subscriptions}
    statuses = {name for row in lives.values() for name, _ in row.statuses}
    assert statuses == {"trialing", "active", "past_due", "canceled"}
    assert {how for row in lives.values() for how, *_ in row.pauses} == {"void", "mark_uncollectible", "keep_as_draft"}
    prices = {price.id: price for price in world.prices}
    held = {prices[item.price_id] for row in lives.values() for item in row.items}
    assert {price.interval for price in held} == {"day", "week", "month", "year"}
    assert {price.currency for price in held} == {"eur", "usd", "gbp", "jpy"}
    assert any(price.usage_type == "metered" for price in held)
    assert any(price.tax_behavior == "inclusive" for price in held)
    durations = {coupon.id: coupon.duration for coupon in world.coupons}
    assert {durations[each.coupon_id] for row in lives.values() for each in row.discounts} == {
        "once",
        "repeating",
        "forever",
    }
    assert any(row.start_date.day == 31 for row in lives.values())
    customers = [row.customer_id for row in sorted(lives.values(), key=lambda row: row.start_date)]
    assert len(set(customers)) < len(customers)


@pytest.fixture(scope="module")
def sdk(world: World) -> Iterator[stripe.StripeClient]:
    limits = {"stripe": {"account": MANY, "endpoint": MANY}}
    with Sandbox(vendor_names=("stripe",), build=lambda *_: world, now=lambda: NOW, limits=limits) as served:
        found = served.environment("mister_dj")
        base = {"api": found["MISTER_DJ_STRIPE_BASE_URL"]}
        yield stripe.StripeClient(found["MISTER_DJ_STRIPE_API_KEY"], base_addresses=base, max_network_retries=0)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("subscriptions", {"status": "all"}),
        ("invoice_items", {}),
        ("tax_rates", {}),
        ("coupons", {}),
        ("prices", {"expand": ["data.tiers"]}),
        ("invoices", {"expand": ["data.discounts"], "created": {"gte": int((NOW - timedelta(days=45)).timestamp())}}),
    ],
)
def test_the_official_sdk_lists_all_of_it(
    sdk: stripe.StripeClient, world: World, name: str, params: dict[str, Any]
) -> None:
    found = [row.id for row in getattr(sdk.v1, name).list({"limit": 100, **params}).auto_paging_iter()]
    since = NOW - timedelta(days=45) if name == "invoices" else at(1, 1) - timedelta(days=9_999)
    wanted = {row.id for row in getattr(world, name) if since <= row.created_at <= NOW}
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert wanted


def test_the_sdk_sees_pauses_prorations_balances_and_taxes_as_stripe_shows_them(
    sdk: stripe.StripeClient, world: World
) -> None:
    paused = next(row for row in world.subscriptions if any(p[1] <= NOW and p[2] is None for p in row.pauses))
    shown = sdk.v1.subscriptions.retrieve(paused.id)
    assert (shown.status, shown.pause_collection and shown.pause_collection.behavior) == ("active", paused.pauses[0][0])
    void = next(bill for bill in world.invoices if bill.voided_at is not None and bill.created_at < NOW)
    assert sdk.v1.invoices.retrieve(void.id).status == "void"
    forgone = next(bill for bill in world.invoices if bill.uncollectible_at is not None)
    seen = sdk.v1.invoices.retrieve(forgone.id)
    assert (seen.status, seen.status_transitions.marked_uncollectible_at) == ("uncollectible", seen.created)
    taxed = next(
        bill for bill in world.invoices if bill.created_at < NOW and any(line.tax_inclusive for line in bill.lines)
    )
    seen = sdk.v1.invoices.retrieve(taxed.id)
    net = taxed.lines[0].amount - taxed.lines[0].tax
    assert (seen.total, seen.total_excluding_tax) == (taxed.lines[0].amount, net)
    assert seen.total_taxes is not None
    assert (seen.total_taxes[0].tax_behavior, seen.total_taxes[0].taxable_amount) == ("inclusive", net)
    item = next(each for each in world.invoice_items if (each.invoiced_at is None and each.created_at < NOW)
                or (each.invoiced_at is not None and each.created_at < NOW < each.invoiced_at))  # fmt: skip
    pending = sdk.v1.invoice_items.list({"pending": True, "limit": 100})
    assert item.id in {row.id for row in pending.auto_paging_iter()}
    credit = next(bill for bill in world.invoices if bill.ending_balance < 0 and bill.created_at < NOW)
    seen = sdk.v1.invoices.retrieve(credit.id)
    assert (seen.amount_due, seen.status, seen.ending_balance) == (0, "paid", credit.ending_balance)
