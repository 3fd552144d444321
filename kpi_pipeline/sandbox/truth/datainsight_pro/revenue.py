"""Recurring revenue: its level, what moved it in the month, who left and what those who stayed pay now."""

from __future__ import annotations

from datetime import date, datetime

from kpi_pipeline.sandbox.truth.datainsight_pro.books import ledger, of_months
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    CENTS,
    PERCENT,
    amount,
    complete_months,
    days_of,
    every,
    first_of_month,
    inside,
    month,
    month_ends_before,
    rolling,
)
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight
from kpi_pipeline.sandbox.truth.recurring import Revenue
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import World

LOOKS_BACK_DAYS, LOOKS_BACK_MONTHS = 30, 6
MOVEMENTS = ("new_mrr", "reactivation_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    """Also of the days before that the figures made of these look back at."""
    book = Book(world, now)
    shown = {day.day for day in days}
    month_ends = {end for day in shown for end in month_ends_before(day, LOOKS_BACK_MONTHS)}
    with_days = days_of(world.zone, shown | {min(shown) - back * DAY for back in range(LOOKS_BACK_DAYS)}, now)
    with_months = days_of(world.zone, shown | month_ends, now)
    found: Series = {
        "mrr": every(with_months, book.mrr),
        "customers_total": every(with_days, lambda day: count(len(book.levels(day.as_of)))),
        "mrr_movement": every(days, book.moved),
        "mrr_fx_effect": every(days, book.revalued),
        "monthly_churn_rate": every(with_months, lambda day: book.lost(day.month_start(), day)),
        "monthly_churn_rate_30d": every(days, lambda day: book.lost(rolling(day, 30)[0], day)),
        "annual_churn_rate": every(days, lambda day: book.lost(a_year_before(day), day)),
        "net_revenue_retention": every(days, lambda day: book.retained(day, capped=False)),
        "gross_revenue_retention": every(days, lambda day: book.retained(day, capped=True)),
        "revenue_per_survivor": every(days, book.of_survivors),
        "new_customers": every(days, lambda day: count(book.new_in(month(day)))),
        "cac_3_months": every(days, book.cost_of_new),
    }
    movements = {day.day: book.movements(day) for day in with_months}
    for name in MOVEMENTS:
        found[name] = {day: by_name[name] for day, by_name in movements.items()}
    return found


class Book:
    """Who pays how much a month at any instant, in cents."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now = world, now
        self.revenue = Revenue(world, now)
        self.first = self.revenue.first_paid()
        self.entries = ledger(world, now)
        self._levels: dict[datetime, dict[str, int]] = {}

    def levels(self, instant: datetime) -> dict[str, int]:
        """By customer, just before the instant; those who pay nothing are left out."""
        if instant not in self._levels:
            self._levels[instant] = self.revenue.at(instant)
        return self._levels[instant]

    def mrr(self, day: BusinessDay) -> TruthValue:
        levels = self.levels(day.as_of)
        return amount(sum(levels.values()), len(levels))

    def revalued(self, day: BusinessDay) -> TruthValue:
        """What new exchange rates did in the month so far, a row a customer, product and month-end."""
        together: dict[tuple[datetime, str, str], int] = {}
        for shift in self.revenue.shifts:
            if shift.rates and inside(shift.at, month(day)):
                key = (shift.at, shift.customer, shift.product)
                together[key] = together.get(key, 0) + shift.delta
        return amount(sum(together.values()), sum(1 for delta in together.values() if delta))

    def lost(self, start: datetime, day: BusinessDay) -> TruthValue:
        """Customers who paid at the start and do not at the end."""
        base, left = self.levels(start), self.levels(day.as_of)
        gone = sum(1 for customer in base if customer not in left)
        return ratio(gone, len(base), n=len(base), scale=PERCENT)

    def retained(self, day: BusinessDay, *, capped: bool) -> TruthValue:
        """What the customers of a year ago pay now, or of it no more than each paid then."""
        base, left = self.levels(a_year_before(day)), self.levels(day.as_of)
        kept = 0
        for customer, then in base.items():
            is_now = left.get(customer, 0)
            kept += min(is_now, then) if capped else is_now
        return ratio(kept, sum(base.values()), n=len(base), scale=PERCENT)

    def of_survivors(self, day: BusinessDay) -> TruthValue:
        base, left = self.levels(a_year_before(day)), self.levels(day.as_of)
        survivors = [customer for customer in base if customer in left]
        then, is_now = (sum(level[customer] for customer in survivors) for level in (base, left))
        return ratio(is_now, then, n=len(base), scale=PERCENT)

    def _reached(self, day: BusinessDay) -> dict[str, tuple[int, int]]:
        """By customer what it paid at the start of the month, and with what it bought and gave up since."""
        base = self.levels(day.month_start())
        reached = dict(base)
        for shift in self.revenue.shifts:
            if not shift.rates and inside(shift.at, month(day)):
                reached[shift.customer] = reached.get(shift.customer, 0) + shift.delta
        return {customer: (base.get(customer, 0), is_now) for customer, is_now in reached.items()}

    def moved(self, day: BusinessDay) -> TruthValue:
        changes = [is_now - then for then, is_now in self._reached(day).values() if is_now != then]
        return amount(sum(changes), len(changes))

    def movements(self, day: BusinessDay) -> dict[str, TruthValue]:
        """By customer from the start of the month to the end of the day, exchange rates left out."""
        cents, customers = dict.fromkeys(MOVEMENTS, 0), dict.fromkeys(MOVEMENTS, 0)
        for customer, (then, is_now) in self._reached(day).items():
            name = self._movement(customer, then, is_now, day)
            if name is not None:
                cents[name] += abs(is_now - then)
                customers[name] += 1
        return {name: amount(cents[name], customers[name]) for name in MOVEMENTS}

    def _movement(self, customer: str, then: int, is_now: int, day: BusinessDay) -> str | None:
        if then == is_now:
            return None
        if then == 0:
            return "new_mrr" if self.first[customer] >= day.month_start() else "reactivation_mrr"
        if is_now == 0:
            return "churned_mrr"
        return "expansion_mrr" if is_now > then else "contraction_mrr"

    def new_in(self, window: tuple[datetime, datetime]) -> int:
        return sum(1 for at in self.first.values() if inside(at, window))

    def cost_of_new(self, day: BusinessDay) -> TruthValue:
        """Sales and marketing cost of the three complete months before, for each customer that was new in them."""
        new = self.new_in(complete_months(day, 3))
        return ratio(of_months(self.entries, day, "sales_marketing", 3), new, n=new, scale=CENTS)


def a_year_before(day: BusinessDay) -> datetime:
    """The end of the same day twelve months before; of 29 February that of the 28th."""
    month_then = first_of_month(day.day, -12)
    last = (first_of_month(month_then, 1) - DAY).day
    return midnight(day.zone, date(month_then.year, month_then.month, min(day.day.day, last)) + DAY)
