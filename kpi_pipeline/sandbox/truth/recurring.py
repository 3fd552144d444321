"""Recurring revenue of the simulated company, from the lives of its subscriptions and never from invoices.

MRR follows C6: what one period costs after recurring discounts and without the tax that it includes, each step in whole
minor units as the biller rounds them, normalised to a month and rounded, then converted and rounded once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import DAY, local_date, midnight
from kpi_pipeline.sandbox.world.model import Discount, Price, Subscription, SubscriptionItem, World

MILLISECOND = timedelta(milliseconds=1)
MONTHS = {"month": Fraction(1), "year": Fraction(1, 12), "week": Fraction(52, 12), "day": Fraction(365, 12)}
NO_DECIMALS = ("JPY", "KRW", "CLP")
COUNTING = ("active", "past_due")
FORGOING = ("void", "mark_uncollectible")
Line = tuple[str, str]  # customer, product name


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of one customer's MRR in one product, in minor units; `rates`: only because exchange rates changed."""

    at: datetime
    customer: str
    product: str
    group: str | None
    delta: int
    rates: bool


class Revenue:
    """All changes of MRR of a world as known at `now`. `group` is the product metadata that names the product group."""

    def __init__(self, world: World, now: datetime, *, group: str = "group") -> None:
        self.world, self.now = world, now
        self._prices = {price.id: price for price in world.prices}
        self._products = {product.id: product for product in world.products}
        self._coupons = {coupon.id: coupon for coupon in world.coupons}
        self._tax = {rate.id: rate for rate in world.tax_rates}
        self._group = group
        self._organisations = {
            row.id: row.id if row.organisation_id is None else str(row.organisation_id) for row in world.customers
        }
        self._rates: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for fixing in world.fx_rates:
            if fixing.published_at is None or fixing.published_at <= now:
                self._rates[fixing.currency][fixing.day] = fixing.rate
        self.shifts = sorted(self._all_shifts(), key=lambda shift: (shift.at, shift.customer, shift.product))

    def customer(self, stripe_id: str) -> str:
        """The CRM company of a customer of the biller, or that customer itself."""
        return self._organisations[stripe_id]

    def at(self, instant: datetime, keep: Callable[[Shift], bool] = lambda _: True) -> dict[str, int]:
        """MRR before `instant` by customer, those with none left out."""
        found: dict[str, int] = defaultdict(int)
        for shift in self.shifts:
            if shift.at < instant and shift.at < self.now and keep(shift):
                found[shift.customer] += shift.delta
        return {customer: minor for customer, minor in found.items() if minor}

    def first_paid(self) -> dict[str, datetime]:
        """When each customer first had MRR."""
        found: dict[str, datetime] = {}
        for shift in self.shifts:
            if shift.delta > 0:
                found.setdefault(shift.customer, shift.at)
        return found

    def _all_shifts(self) -> Iterator[Shift]:
        for subscription in self.world.subscriptions:
            if subscription.created_at <= self.now:
                yield from self._shifts(subscription)

    def _shifts(self, life: Subscription) -> Iterator[Shift]:
        """Walk through every instant at which something changes, and every month-end for what is in foreign money."""
        customer = self._organisations[life.customer_id]
        before: dict[tuple[str, str], int] = {}  # (item, product) → monthly amount in the subscription's currency
        for at, is_month_end in self._moments(life):
            amounts = before if is_month_end else self._amounts(life, at)
            for item, product_id in sorted({*before, *amounts}):
                was, is_now = before.get((item, product_id), 0), amounts.get((item, product_id), 0)
                opened = self._home(was, life.currency, at, closing=False)
                delta = self._home(is_now, life.currency, at, closing=is_month_end) - opened
                if delta:
                    product = self._products[product_id]
                    yield Shift(
                        at, customer, product.name, product.metadata.get(self._group), delta, rates=is_month_end
                    )
            before = amounts

    def _moments(self, life: Subscription) -> list[tuple[datetime, bool]]:
        """Instants of change in order; a month-end (True) is the last millisecond of a local month."""
        changes = {life.start_date, life.trial_end, life.ended_at}
        changes |= {at for item in life.items for at in (item.start, item.end)}
        changes |= {at for discount in life.discounts for at in (discount.start, discount.end)}
        changes |= {at for _, since, until in life.pauses for at in (since, until)}
        changes |= {at for _, at in life.statuses}
        moments = {(at, False) for at in changes if at is not None and life.start_date <= at <= self.now}
        day = local_date(self.world.zone, life.start_date)
        while True:
            day = (day.replace(day=1) + 31 * DAY).replace(day=1)
            end = midnight(self.world.zone, day) - MILLISECOND
            if end > self.now:
                return sorted(moments)
            moments.add((end, True))

    def _amounts(self, life: Subscription, at: datetime) -> dict[tuple[str, str], int]:
        """Monthly amounts in the subscription's currency from `at` on, by item and product."""
        status = [name for name, since in life.statuses if since <= at][-1]
        paused = any(how in FORGOING and since <= at and (not until or at < until) for how, since, until in life.pauses)
        if status not in COUNTING or paused:
            return {}
        held = [item for item in life.items if item.start <= at and (item.end is None or at < item.end)]
        held = [item for item in held if self._prices[item.price_id].usage_type == "licensed"]
        left = {item.id: cycle_cost(self._prices[item.price_id], item.quantity or 0) for item in held}
        running = [each for each in life.discounts if each.start <= at and (each.end is None or at < each.end)]
        for discount in sorted(running, key=lambda each: (each.start, each.id)):
            left = self._discounted(left, discount)
        return {
            (item.id, self._prices[item.price_id].product_id): self._monthly(life, item, left[item.id]) for item in held
        }

    def _discounted(self, left: dict[str, int], discount: Discount) -> dict[str, int]:
        coupon = self._coupons[discount.coupon_id]
        if coupon.duration == "once":
            return left
        items = [item for item in left if discount.item_id in (None, item)]
        total = sum(left[item] for item in items)
        after = dict(left)
        for item in items:
            if coupon.percent_off is not None:
                off = nearest(Fraction(coupon.percent_off) * left[item] / 100)
            else:
                off = nearest(Fraction((coupon.amount_off or 0) * left[item], total)) if total else 0
            after[item] = max(0, left[item] - off)
        return after

    def _monthly(self, life: Subscription, item: SubscriptionItem, net: int) -> int:
        price = self._prices[item.price_id]
        if life.tax_rate_id is not None and price.tax_behavior == "inclusive":
            net = nearest(Fraction(net * 100) / Fraction(100 + self._tax[life.tax_rate_id].percentage))
        return nearest(net * MONTHS[price.interval or "month"] / (price.interval_count or 1))

    def _home(self, amount: int, currency: str, at: datetime, *, closing: bool) -> int:
        """Minor units of the company's currency: at the rate that closed the month before, or that closes this one."""
        currency, home = currency.upper(), self.world.currency.upper()
        if currency == home or not amount:
            return amount
        first = local_date(self.world.zone, at).replace(day=1)
        day = (first + 31 * DAY).replace(day=1) - DAY if closing else first - DAY
        euros = Fraction(amount, 1 if currency in NO_DECIMALS else 100) / self._rate(currency, day)
        return nearest(euros * self._rate(home, day) * (1 if home in NO_DECIMALS else 100))

    def _rate(self, currency: str, day: date) -> Fraction:
        """Units for one euro at the newest fixing on or before the day."""
        if currency == "EUR":
            return Fraction(1)
        fixings = self._rates[currency]
        for back in range(8):
            if day - back * DAY in fixings:
                return Fraction(fixings[day - back * DAY])
        raise ValueError(f"the world has no rate of {currency} on {day} or in the week before")


@dataclass(frozen=True, slots=True)
class Movements:
    """What became of the customers of a base, by customer (C7): MRR then, MRR now, and the first rule that holds."""

    base: dict[str, int]
    now: dict[str, int]
    first_paid: dict[str, datetime]
    since: datetime

    def kind(self, customer: str) -> str:
        then, now = self.base.get(customer, 0), self.now.get(customer, 0)
        if then == 0 and now > 0:
            return "new" if self.first_paid[customer] >= self.since else "reactivated"
        if then > 0 and now == 0:
            return "lost"
        return "expansion" if now > then else "contraction" if now < then else "kept"

    def of(self, *kinds: str) -> dict[str, int]:
        """How much the customers that moved in one of these ways gained or lost, always positive."""
        found = {}
        for customer in sorted({*self.base, *self.now}):
            if self.kind(customer) in kinds:
                found[customer] = abs(self.now.get(customer, 0) - self.base.get(customer, 0))
        return found

    def retained(self, *, capped: bool = False) -> int:
        """MRR now of those who had some then (for NRR); `capped`: of each no more than it had (for GRR)."""
        total = 0
        for customer, then in self.base.items():
            now = self.now.get(customer, 0)
            total += min(then, now) if capped else now
        return total


def between(
    revenue: Revenue, since: datetime, until: datetime, keep: Callable[[Shift], bool] = lambda _: True,
    *, constant_rates: bool = False,
) -> Movements:  # fmt: skip
    """Movements from MRR before `since` to MRR before `until` of the shifts to `keep` (a product, a group).

    With `constant_rates` what exchange rates do after `since` is left out; that is for spans within one month.
    """
    base = revenue.at(since, keep)
    if constant_rates:
        now = revenue.at(until, lambda shift: keep(shift) and (not shift.rates or shift.at < since))
    else:
        now = revenue.at(until, keep)
    return Movements(base, now, revenue.first_paid(), since)


def cycle_cost(price: Price, quantity: int) -> int:
    """What one period costs before discount."""
    if not price.tiers:
        return nearest(Fraction(price.unit_amount_decimal or 0) * quantity)
    if price.tiers_mode == "volume":
        unit = next(unit for up_to, unit in price.tiers if up_to is None or quantity <= up_to)
        return quantity * unit
    total = 0
    for number in range(1, quantity + 1):
        total += next(unit for up_to, unit in price.tiers if up_to is None or number <= up_to)
    return total


def nearest(exact: Fraction) -> int:
    """Halves away from zero."""
    whole = (abs(exact) + Fraction(1, 2)).__floor__()
    return whole if exact >= 0 else -whole
