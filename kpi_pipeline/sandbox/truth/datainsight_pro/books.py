"""What the ledger says: what was earned, what it cost, and what sales and marketing cost."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.datainsight_pro.counting import PERCENT, amount, complete_months, every
from kpi_pipeline.sandbox.truth.datainsight_pro.deals import content_revenue, known_sales
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, half_up, ratio
from kpi_pipeline.sandbox.world.model import World

RATE_MAX_AGE = timedelta(days=7)
Entry = tuple[date, str, int]  # day, category, cents of the company's currency


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    entries = ledger(world, now)
    sales = known_sales(world, now)
    return {
        "acquisition_cost": every(days, lambda day: amount(*of_month(entries, day, "sales_marketing"))),
        "gross_margin": every(days, lambda day: _margin(entries, day)),
        "gross_profit": every(days, lambda day: _profit(entries, day)),
        "content_marketing_roi": every(
            days, lambda day: _per_content_dollar(content_revenue(sales, day), of_year(entries, day, "content"))
        ),
    }


def ledger(world: World, now: datetime) -> list[Entry]:
    """What had been entered by `now`; euros at the rate of their day."""
    found = []
    for entry in world.ledger:
        if entry.entered_at <= now:
            rate = Fraction(1) if entry.currency == "USD" else _dollars_a_euro(world, entry.day, now)
            found.append((entry.day, entry.category, half_up(Fraction(entry.amount) * 100 * rate)))
    return found


def of_month(entries: list[Entry], day: BusinessDay, category: str) -> tuple[int, int]:
    """Cents and how many entries, of the month so far."""
    first = day.day.replace(day=1)
    cents = [minor for on, kind, minor in entries if kind == category and first <= on <= day.day]
    return sum(cents), len(cents)


def of_months(entries: list[Entry], day: BusinessDay, category: str, months: int) -> int:
    """Cents of the complete months before the running one."""
    start, end = (at.date() for at in complete_months(day, months))
    return sum(minor for on, kind, minor in entries if kind == category and start <= on < end)


def of_year(entries: list[Entry], day: BusinessDay, category: str) -> int:
    return of_months(entries, day, category, 12)


def _margin(entries: list[Entry], day: BusinessDay) -> TruthValue:
    earned, cost = of_month(entries, day, "revenue")[0], of_month(entries, day, "cogs")[0]
    return ratio(earned - cost, earned, n=earned, scale=PERCENT)


def _profit(entries: list[Entry], day: BusinessDay) -> TruthValue:
    (earned, rows), (cost, others) = of_month(entries, day, "revenue"), of_month(entries, day, "cogs")
    return amount(earned - cost, rows + others)


def _per_content_dollar(earned: int, cost: int) -> TruthValue:
    return ratio(earned, cost, n=cost)


def _dollars_a_euro(world: World, day: date, now: datetime) -> Fraction:
    """The fixing of the day, or the newest of the week before it."""
    fixings = {
        rate.day: rate.rate
        for rate in world.fx_rates
        if rate.currency == "USD" and (rate.published_at is None or rate.published_at <= now)
    }
    back = day
    while day - back <= RATE_MAX_AGE:
        if back in fixings:
            return Fraction(fixings[back])
        back -= DAY
    raise ValueError(f"no dollar rate on {day} or in the week before")
