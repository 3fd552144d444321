"""Customers by what they pay: who is new, who stays, and who came from a trial or a free plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import World

PERCENT = Fraction(100)
PAYS_WITHIN, FREE_PAYS_WITHIN = timedelta(days=14), timedelta(days=90)
SETTLES = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Trial:
    customer: str
    started_at: datetime
    ended_at: datetime


class Customers:
    def __init__(self, world: World, revenue: Revenue, now: datetime) -> None:
        self._zone, self._revenue, self._now = world.zone, revenue, now
        self._first = revenue.first_paid()
        self._levels: dict[datetime, dict[str, int]] = {}

    def levels(self, instant: datetime) -> dict[str, int]:
        """MRR just before an instant by customer, those with none left out."""
        if instant not in self._levels:
            self._levels[instant] = self._revenue.at(instant)
        return self._levels[instant]

    def mrr(self, as_of: datetime) -> TruthValue:
        """USD; n counts the changes so far, a month-end's change of rates once a customer and product."""
        seen = set()
        for number, shift in enumerate(self._revenue.shifts):
            if shift.at < as_of:
                seen.add((shift.at, shift.customer, shift.product) if shift.rates else number)
        cents = sum(self.levels(as_of).values())
        return TruthValue(Decimal(cents) / 100, cents, None, len(seen))

    def paying(self, as_of: datetime) -> TruthValue:
        return count(len(self.levels(as_of)))

    def new_between(self, start: datetime, end: datetime) -> int:
        return sum(1 for at in self._first.values() if start <= at < end)

    def churn(self, start: datetime, as_of: datetime) -> TruthValue:
        base = self.levels(start)
        lost = [customer for customer in base if customer not in self.levels(as_of)]
        return ratio(len(lost), len(base), n=len(base), scale=PERCENT)

    def churn_of_month(self, last_day: date, now: datetime) -> TruthValue:
        """Of a whole month, by its last day."""
        start = midnight(self._zone, last_day.replace(day=1))
        return self.churn(start, min(now, midnight(self._zone, last_day + DAY)))

    def retained(self, start: datetime, as_of: datetime) -> TruthValue:
        """What the customers of `start` pay now over what they paid then."""
        base, left = self.levels(start), self.levels(as_of)
        return ratio(sum(left.get(customer, 0) for customer in base), sum(base.values()), n=len(base), scale=PERCENT)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    revenue = Revenue(world, now)
    customers = Customers(world, revenue, now)
    trials, paid = _trials(world, revenue, now), _first_payments(world, revenue, now)
    free = _free_plans(world, revenue, now)
    began = {customer: min(start for start, _ in spans) for customer, spans in free.items()}
    pays_since = {customer: _paying_since(revenue, customer) for customer in free}
    found: Series = {name: {} for name in NAMES}
    for day in days:
        found["trial_to_paid"][day.day] = _by_start(trials, paid, day, now)
        found["trial_to_paid_rolling"][day.day] = _by_end(trials, paid, day)
        found["free_to_paid"][day.day] = _upgraded(free, customers, day)
        found["free_to_paid_cohort_90d"][day.day] = _free_cohort(began, pays_since, day)
        found["customer_churn_monthly"][day.day] = customers.churn(day.month_start(), day.as_of)
        found["net_revenue_retention"][day.day] = customers.retained(_year_before(day), day.as_of)
        found["nrr_monthly"][day.day] = customers.retained(day.month_start(), day.as_of)
        found["nrr_compounded"][day.day] = _compounded(customers, day)
    return found


NAMES = (
    "trial_to_paid",
    "trial_to_paid_rolling",
    "free_to_paid",
    "free_to_paid_cohort_90d",
    "customer_churn_monthly",
    "net_revenue_retention",
    "nrr_monthly",
    "nrr_compounded",
)


def _year_before(day: BusinessDay) -> datetime:
    """The end of the same day twelve months before; of 29 February the end of the 28th."""
    last = day.day.replace(year=day.day.year - 1, day=28 if (day.day.month, day.day.day) == (2, 29) else day.day.day)
    return midnight(day.zone, last + DAY)


def _compounded(customers: Customers, day: BusinessDay) -> TruthValue:
    """The retention of the twelve complete months before the running one, multiplied."""
    product, smallest = Fraction(1), 0
    end = day.day.replace(day=1)
    for number in range(12):
        start = (end - DAY).replace(day=1)
        month = customers.retained(midnight(day.zone, start), midnight(day.zone, end))
        if month.value is None:
            return TruthValue(None, None, None, 0)
        product *= Fraction(int(month.numerator or 0), int(month.denominator or 1))
        smallest = month.n or 0 if number == 0 else min(smallest, month.n or 0)
        end = start
    value = Decimal(product.numerator) * 100 / Decimal(product.denominator)
    return TruthValue(value, None, None, smallest)


def _trials(world: World, revenue: Revenue, now: datetime) -> list[Trial]:
    """The first trial of each customer; one given up ends when its subscription does."""
    first: dict[str, Trial] = {}
    for life in sorted(world.subscriptions, key=lambda each: (each.trial_start or each.start_date, each.id)):
        if life.created_at <= now and life.trial_start is not None and life.trial_end is not None:
            customer = revenue.customer(life.customer_id)
            given_up = life.ended_at is not None and life.ended_at < life.trial_end and life.ended_at <= now
            ended = life.ended_at if given_up and life.ended_at is not None else life.trial_end
            first.setdefault(customer, Trial(customer, life.trial_start, ended))
    return list(first.values())


def _first_payments(world: World, revenue: Revenue, now: datetime) -> dict[str, datetime]:
    """When each customer first paid an invoice of more than nothing."""
    found: dict[str, datetime] = {}
    for invoice in world.invoices:
        amount = sum(payment.amount for payment in invoice.payments if payment.at <= now)
        if invoice.paid_at is not None and invoice.paid_at <= now and amount > 0:
            customer = revenue.customer(invoice.customer_id)
            found[customer] = min(invoice.paid_at, found.get(customer, invoice.paid_at))
    return found


def _by_start(trials: list[Trial], paid: dict[str, datetime], day: BusinessDay, now: datetime) -> TruthValue:
    cut = day.cut(now, SETTLES)
    base = [each for each in trials if day.month_start() <= each.started_at < day.as_of and each.ended_at < cut]
    converted = [
        each
        for each in base
        if (at := paid.get(each.customer)) is not None
        and each.started_at <= at <= each.ended_at + PAYS_WITHIN
        and at < cut
    ]
    return ratio(len(converted), len(base), n=len(base), scale=PERCENT)


def _by_end(trials: list[Trial], paid: dict[str, datetime], day: BusinessDay) -> TruthValue:
    start = day.days_back(30)
    base = [each for each in trials if start <= each.ended_at < day.as_of]
    converted = [
        each for each in base if (at := paid.get(each.customer)) is not None and each.started_at <= at < day.as_of
    ]
    return ratio(len(converted), len(base), n=len(base), scale=PERCENT)


def _free_plans(world: World, revenue: Revenue, now: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
    """Customer: spans on a recurring price of nothing."""
    free = {price.id for price in world.prices if price.interval and Decimal(price.unit_amount_decimal or 1) == 0}
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for life in world.subscriptions:
        for item in life.items:
            if life.created_at <= now and item.price_id in free:
                ends = [at for at in (item.end, life.ended_at) if at is not None and at <= now]
                span = (item.start, min(ends, default=world.horizon))
                found.setdefault(revenue.customer(life.customer_id), []).append(span)
    return found


def _upgraded(free: dict[str, list[tuple[datetime, datetime]]], customers: Customers, day: BusinessDay) -> TruthValue:
    start = day.month_start()
    on_free = {customer for customer, spans in free.items() if any(since <= start < until for since, until in spans)}
    base = on_free - customers.levels(start).keys()
    pays = base & customers.levels(day.as_of).keys()
    return ratio(len(pays), len(base), n=len(base), scale=PERCENT)


def _paying_since(revenue: Revenue, customer: str) -> list[tuple[datetime, datetime]]:
    """Spans between two changes in which the customer has MRR."""
    own = [shift for shift in revenue.shifts if shift.customer == customer]
    found, level = [], 0
    for number, shift in enumerate(own):
        level += shift.delta
        until = own[number + 1].at if number + 1 < len(own) else datetime.max.replace(tzinfo=shift.at.tzinfo)
        if level > 0 and until > shift.at:
            found.append((shift.at, until))
    return found


def _free_cohort(
    began: dict[str, datetime], pays_since: dict[str, list[tuple[datetime, datetime]]], day: BusinessDay
) -> TruthValue:
    """Free accounts that began 90 to 119 days ago; who already paid for something else is none."""
    base = upgraded = 0
    for customer, at in began.items():
        spans = pays_since[customer]
        if not day.days_back(120) <= at < day.days_back(90) or any(since <= at < until for since, until in spans):
            continue
        base += 1
        later = [since for since, _ in spans if since >= at]
        upgraded += bool(later) and min(later) - at <= FREE_PAYS_WITHIN and min(later) < day.as_of
    return ratio(upgraded, base, n=base, scale=PERCENT)
