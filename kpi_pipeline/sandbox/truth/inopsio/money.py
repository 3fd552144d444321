"""What customers pay, what they cost, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.inopsio.customers import Customers
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, half_up, ratio
from kpi_pipeline.sandbox.world.model import LedgerEntry, World

CENT = Fraction(1, 100)
PERCENT = Fraction(100)
RATE_MAX_AGE = timedelta(days=7)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    books = Books(world, now)
    customers = Customers(world, Revenue(world, now), now)
    found: Series = {name: {} for name in NAMES}
    for day in days:
        month, quarter = day.day.replace(day=1), day.day.replace(month=(day.day.month - 1) // 3 * 3 + 1, day=1)
        three_months = _months_before(month, 3)
        cac_quarter = _cac(books, customers, day, quarter, day.day)
        margin = _margin(books, three_months, month - DAY)
        mrr, paying = customers.mrr(day.as_of), customers.paying(day.as_of)
        churn = [customers.churn_of_month(month_end, now) for month_end in _month_ends(month, 6)]
        arpa = _quotient(mrr.value, paying.value, min(mrr.n or 0, paying.n or 0))
        ltv = _ltv(arpa, margin.value, churn, min(margin.n or 0, arpa.n or 0))
        found["cac"][day.day] = _cac(books, customers, day, month, day.day)
        found["cac_3_months"][day.day] = _cac(books, customers, day, three_months, month - DAY)
        found["cac_quarter"][day.day] = cac_quarter
        found["gross_margin"][day.day] = margin
        found["mrr"][day.day] = mrr
        found["arr"][day.day] = TruthValue(None if mrr.value is None else 12 * mrr.value, None, None, mrr.n)
        found["paying_customers"][day.day] = paying
        found["arpa"][day.day] = arpa
        found["ltv"][day.day] = ltv
        found["ltv_without_margin"][day.day] = _ltv(arpa, Decimal(100), churn, arpa.n or 0)
        smaller = min(ltv.n or 0, cac_quarter.n or 0)
        found["ltv_cac_ratio"][day.day] = _quotient(ltv.value, cac_quarter.value, smaller)
    return found


NAMES = (
    "cac",
    "cac_3_months",
    "cac_quarter",
    "gross_margin",
    "mrr",
    "arr",
    "paying_customers",
    "arpa",
    "ltv",
    "ltv_without_margin",
    "ltv_cac_ratio",
)


class Books:
    """The ledger as entered at `now`, in cents of the company's currency."""

    def __init__(self, world: World, now: datetime) -> None:
        self._world, self._now = world, now
        self._entries = [(entry, self._cents(entry)) for entry in world.ledger if entry.entered_at <= now]

    def total(self, kind: str, category: str, first: date, last: date) -> int:
        chosen = ((entry, cents) for entry, cents in self._entries if first <= entry.day <= last)
        return sum(cents for entry, cents in chosen if (entry.kind, entry.category) == (kind, category))

    def _cents(self, entry: LedgerEntry) -> int:
        """Euros at the newest fixing on or before the day, to the cent."""
        if entry.currency == self._world.currency:
            return int(entry.amount * 100)
        latest = max(
            (rate.day, rate.rate)
            for rate in self._world.fx_rates
            if rate.currency == self._world.currency
            and entry.day - RATE_MAX_AGE <= rate.day <= entry.day
            and (rate.published_at is None or rate.published_at <= self._now)
        )
        return half_up(Fraction(entry.amount) * 100 * Fraction(latest[1]))


def _cac(books: Books, customers: Customers, day: BusinessDay, first: date, last: date) -> TruthValue:
    """Sales and marketing cost over new customers, from the start of `first` to the end of `last` or of the day."""
    end = min(day.as_of, midnight(day.zone, last + DAY))
    new = customers.new_between(midnight(day.zone, first), end)
    return ratio(books.total("outflow", "sales_marketing", first, last), new, n=new, scale=CENT)


def _margin(books: Books, first: date, last: date) -> TruthValue:
    revenue, cost = (books.total(*what, first, last) for what in (("inflow", "revenue"), ("outflow", "cogs")))
    return ratio(revenue - cost, revenue, n=revenue, scale=PERCENT)


def _ltv(arpa: TruthValue, margin: Decimal | None, churn: list[TruthValue], smaller: int) -> TruthValue:
    """Revenue per account × margin ÷ the mean of six months' churn; a month without churn figure makes it unknown."""
    n = min([smaller, *(each.n or 0 for each in churn)])
    known = [each.value for each in churn if each.value is not None]
    above = None if arpa.value is None or margin is None else arpa.value * margin
    below = sum(known, Decimal(0)) / len(known) if len(known) == len(churn) else None
    return _quotient(above, below, n)


def _quotient(above: Decimal | None, below: Decimal | None, n: int) -> TruthValue:
    value = None if above is None or not below else decimal(Fraction(above) / Fraction(below))
    return TruthValue(value, above, below, n)


def _months_before(month: date, count: int) -> date:
    """The first of the month `count` months before."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def _month_ends(month: date, count: int) -> Iterable[date]:
    """The last days of the `count` months before `month`."""
    return [_months_before(month, back) - DAY for back in range(count)]
