"""The club: subscriptions to playlists and priority dates, monthly or yearly."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY, month_start
from kpi_pipeline.sandbox.world.mister_dj.offer import COUPONS, PRICES, VAT_PERCENT, price_id, product_id
from kpi_pipeline.sandbox.world.mister_dj.payments import Bill, pay, percent_of, refuse
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import (
    BillingCustomer,
    Dated,
    Discount,
    Invoice,
    InvoiceLine,
    Subscription,
    SubscriptionItem,
    World,
)
from kpi_pipeline.sandbox.world.names import person

FOUNDERS = 112  # migrated from the old system in one second: more records of one instant than a page of 100 holds
BILLING_TIME = time(4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Membership:
    name: str
    starts: datetime
    price: str = "club_month"
    trial_days: int = 0
    coupon: str | None = None
    cancel_requested: datetime | None = None
    ends: datetime | None = None
    upgrade_at: datetime | None = None
    pause: tuple[datetime, datetime] | None = None
    late_payment: datetime | None = None


def fill(world: World, scene: Scene) -> None:
    for membership in _memberships(scene):
        _subscribe(world, scene, membership)


def _memberships(scene: Scene) -> list[Membership]:
    """112 founders, a joiner every nine days, and one of each special kind of life."""
    launch = _billing_instant(scene.first, 1)
    found = []
    for number in range(FOUNDERS):
        leaves = scene.stream("founder", number).random()
        months = 2 + int(leaves * 90)
        ends = _billing_instant(launch.date(), months) if months < 14 else None
        found.append(Membership(f"founder-{number:03d}", launch, ends=ends, cancel_requested=ends and ends - 12 * DAY))
    for day in scene.all_days():
        if day.toordinal() % 9 == 0 and day > launch.date():
            found.append(Membership(f"joiner-{day}", datetime.combine(day, time(10, 15, day.day), UTC)))
    first = scene.first
    mid = _billing_instant(first, 5) + 11 * DAY
    end_of_period = _billing_instant(mid.date().replace(day=12), 4, day=12)
    paused = _billing_instant(first, 8) + 10 * DAY
    last_of_month = datetime.combine(_clamp(month_start(first, 3), 31), BILLING_TIME)
    return [
        *found,
        Membership("annual", _billing_instant(first, 1, day=15), price="club_year"),
        Membership("trial", _billing_instant(first, 4, day=8), trial_days=14),
        Membership("trial-lapsed", _billing_instant(first, 6, day=9), trial_days=14,
                   ends=_billing_instant(first, 6, day=23)),
        Membership("coupon", _billing_instant(first, 3, day=20), coupon="WELCOME20"),
        Membership("period-end", _billing_instant(mid.date(), 0, day=12), cancel_requested=mid + 95 * DAY,
                   ends=end_of_period),
        Membership("paused", _billing_instant(first, 2, day=5), pause=(paused, paused + 61 * DAY)),
        Membership("upgrade", _billing_instant(first, 2, day=18), upgrade_at=_billing_instant(first, 7, day=18)),
        Membership("month-end", last_of_month),
        Membership("late-payer", _billing_instant(first, 1, day=25), late_payment=_billing_instant(first, 9, day=25)),
    ]  # fmt: skip


def _subscribe(world: World, scene: Scene, m: Membership) -> None:
    key = ("club", m.name)
    seed = scene.seed
    who = person(scene.stream(*key))
    customer, identifier, item = token("cus_", seed, *key), token("sub_1", seed, *key), token("si_", seed, *key)
    trial_end = m.starts + timedelta(days=m.trial_days) if m.trial_days else None
    statuses: Dated = (("trialing", m.starts),) if trial_end else (("active", m.starts),)
    if trial_end is not None and (m.ends is None or trial_end < m.ends):
        statuses = (*statuses, ("active", trial_end))
    if m.late_payment is not None:
        statuses = (*statuses, ("past_due", m.late_payment + timedelta(hours=1)), ("active", m.late_payment + 4 * DAY))
    if m.ends is not None:
        statuses = (*statuses, ("canceled", m.ends))
    items: tuple[SubscriptionItem, ...] = (SubscriptionItem(item, price_id(seed, m.price), 1, m.starts, m.upgrade_at),)
    if m.upgrade_at is not None:
        items = (*items, SubscriptionItem(item, price_id(seed, "club_plus_month"), 1, m.upgrade_at, None))
    discounts: tuple[Discount, ...] = ()
    if m.coupon is not None:
        months = COUPONS[m.coupon][2]
        until = _billing_instant(m.starts.date(), months, day=m.starts.day) if months else None
        discounts = (Discount(token("di_1", seed, *key), m.coupon, m.starts, until),)
    pauses = (("void", m.pause[0], m.pause[1]),) if m.pause else ()
    changes = {at for _, at in statuses} | {at for at in (m.cancel_requested, m.upgrade_at, *(m.pause or ())) if at}
    world.customers.append(
        BillingCustomer(
            customer, f"{who.first_name} {who.last_name}", who.email, "NL", "eur", m.starts, None, None, (m.starts,)
        )
    )
    world.subscriptions.append(
        Subscription(
            id=identifier,
            customer_id=customer,
            currency="eur",
            created_at=m.starts,
            start_date=m.starts,
            statuses=statuses,
            items=items,
            modified=tuple(sorted({m.starts, *changes})),
            trial_start=m.starts if trial_end else None,
            trial_end=trial_end,
            cancel_requested_at=m.cancel_requested,
            cancel_at_period_end=m.cancel_requested is not None,
            ended_at=m.ends,
            cancel_reason="cancellation_requested" if m.ends else None,
            discounts=discounts,
            pauses=pauses,
        )
    )
    for number, (start, end) in enumerate(_periods(m, scene.horizon)):
        if m.pause is None or not m.pause[0] <= start < m.pause[1]:
            _bill(world, scene, m, number, start, end, trial=trial_end is not None and start < trial_end)


def _periods(m: Membership, horizon: datetime) -> list[tuple[datetime, datetime]]:
    """Billing periods: the day of the month is that of the start, or the month's last day where that is missing."""
    step = 12 if m.price == "club_year" else 1
    starts = [m.starts]
    base = m.starts
    if m.trial_days:
        base = m.starts + timedelta(days=m.trial_days)
        starts.append(base)
    for number in range(1, 20):
        starts.append(_billing_instant(base.date(), number * step, day=base.day, at=base.timetz()))
    until = min(horizon, m.ends) if m.ends else horizon
    return [(a, b) for a, b in pairwise(starts) if a < until]


def _bill(
    world: World, scene: Scene, m: Membership, number: int, start: datetime, end: datetime, *, trial: bool
) -> None:
    key = ("club", m.name, number)
    seed = scene.seed
    price = "club_plus_month" if m.upgrade_at is not None and start >= m.upgrade_at else m.price
    product, amount, _ = PRICES[price]
    amount = 0 if trial else amount
    discounted = m.coupon is not None and number < (COUPONS[m.coupon][2] or 1)
    discount = percent_of(amount, COUPONS[m.coupon][0]) if m.coupon is not None and discounted else 0
    tax = percent_of(amount - discount, VAT_PERCENT)
    invoice_id = token("in_1", seed, *key)
    customer = token("cus_", seed, "club", m.name)
    finalized = start + timedelta(hours=1)
    total = amount - discount + tax
    payment = None
    if total:
        bill = Bill(customer, invoice_id, None, "eur")
        late = m.late_payment == start
        if late:
            refuse(world, scene, (*key, "refused"), bill, total, finalized, "subscription")
        payment = pay(world, scene, key, bill, total, start + 4 * DAY if late else finalized, "subscription")
    paid_at = payment.at if payment else finalized
    world.invoices.append(
        Invoice(
            id=invoice_id,
            number=f"MDJC-{token('', seed, *key)[:8].upper()}",
            customer_id=customer,
            subscription_id=token("sub_1", seed, "club", m.name),
            booking_id=None,
            billing_reason="subscription_create" if number == 0 else "subscription_cycle",
            currency="eur",
            lines=(
                InvoiceLine(
                    id=token("il_1", seed, *key),
                    description="Mister DJ Club",
                    amount=amount,
                    quantity=1,
                    price_id=price_id(seed, price),
                    product_id=product_id(seed, product),
                    subscription_item_id=token("si_", seed, "club", m.name),
                    period_start=start,
                    period_end=end,
                    discount=discount,
                    tax=tax,
                ),
            ),
            created_at=start,
            finalized_at=finalized,
            due_at=None,
            paid_at=paid_at,
            voided_at=None,
            period_start=start,
            period_end=end,
            payments=(payment,) if payment else (),
            modified=tuple(sorted({start, finalized, paid_at})),
        )
    )


def _billing_instant(first: date, months: int, day: int = 1, at: time = BILLING_TIME) -> datetime:
    return datetime.combine(_clamp(month_start(first, months), day), at)


def _clamp(month: date, day: int) -> date:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))
