"""What all families of DataInsight Pro count with: windows of days, percentiles, and figures made of other figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, business_days, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PERCENT = Fraction(100)
CENTS = Fraction(1, 100)
WIDE = Context(prec=60)


def rolling(day: BusinessDay, days: int, ending: int = 0) -> tuple[datetime, datetime]:
    """The window of so many days that ended `ending` days before the end of the day."""
    last = day.day - ending * DAY
    start = midnight(day.zone, last - (days - 1) * DAY)
    return start, day.as_of if ending == 0 else midnight(day.zone, last + DAY)


def month(day: BusinessDay) -> tuple[datetime, datetime]:
    return day.month_start(), day.as_of


def week(day: BusinessDay) -> tuple[datetime, datetime]:
    return midnight(day.zone, day.day - day.day.weekday() * DAY), day.as_of


def quarter(day: BusinessDay) -> tuple[datetime, datetime]:
    return midnight(day.zone, day.day.replace(month=(day.day.month - 1) // 3 * 3 + 1, day=1)), day.as_of


def first_of_month(day: date, months: int = 0) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def complete_months(day: BusinessDay, months: int) -> tuple[datetime, datetime]:
    """The so many calendar months before the running one."""
    return midnight(day.zone, first_of_month(day.day, -months)), day.month_start()


def inside(at: datetime | None, window: tuple[datetime, datetime]) -> bool:
    return at is not None and window[0] <= at < window[1]


def every(days: list[BusinessDay], figure: Callable[[BusinessDay], TruthValue]) -> dict[date, TruthValue]:
    return {day.day: figure(day) for day in days}


def amount(minor: int, rows: int) -> TruthValue:
    """Money that was added up, in cents, as dollars."""
    return TruthValue(decimal(Fraction(minor) * CENTS), minor, None, rows)


def percentile(ranked: list[int], share: Fraction, scale: Fraction) -> TruthValue:
    """Linear between the two nearest values (type 7 of Hyndman and Fan 1996)."""
    if not ranked:
        return TruthValue(None, None, None, 0)
    ranked = sorted(ranked)
    place = share * (len(ranked) - 1)
    below = place.__floor__()
    above = min(below + 1, len(ranked) - 1)
    exact = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    return TruthValue(decimal(exact * scale), None, None, len(ranked))


class Figures:
    """Figures already counted, by KPI and day, for those that are made of them.

    A figure that was not counted for a day is unknown, and what is made of it too.
    """

    def __init__(self, counted: Series) -> None:
        self.counted = counted

    def value(self, kpi: str, day: date) -> Fraction | None:
        found = self.counted[kpi].get(day)
        return None if found is None or found.value is None else Fraction(found.value)

    def n(self, kpi: str, day: date) -> int:
        found = self.counted[kpi].get(day)
        return 0 if found is None or found.n is None else found.n

    def mean(self, kpi: str, days: list[date]) -> Fraction | None:
        values = [self.value(kpi, day) for day in days]
        known = [value for value in values if value is not None]
        return sum(known, Fraction(0)) / len(known) if len(known) == len(values) else None

    def fewest(self, *looked_at: tuple[str, date]) -> int:
        return min(self.n(kpi, day) for kpi, day in looked_at)


def quotient(above: Fraction | None, below: Fraction | None, n: int, scale: Fraction = Fraction(1)) -> TruthValue:
    """One figure divided by another, both shown in their own units."""
    value = None if above is None or not below else decimal(above * scale / below)
    return TruthValue(value, shown(above), shown(below), n)


def product(parts: Iterable[Fraction | None], n: int) -> TruthValue:
    """Figures multiplied with each other; no part of it was divided last."""
    result = Fraction(1)
    for part in parts:
        if part is None:
            return TruthValue(None, None, None, n)
        result *= part
    return TruthValue(decimal(result), None, None, n)


def shown(exact: Fraction | None) -> Decimal | None:
    """To the 12th decimal, as numbers are kept."""
    if exact is None:
        return None
    wide = WIDE.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return wide.quantize(Decimal("1e-12"), ROUND_HALF_EVEN, WIDE)


def days_of(zone: str, wanted: Iterable[date], now: datetime) -> list[BusinessDay]:
    """Those of the days that have begun."""
    return [found for day in sorted(set(wanted)) for found in business_days(zone, day, day, now)]


def month_ends_before(day: date, months: int) -> list[date]:
    return [first_of_month(day, -back) - timedelta(days=1) for back in range(months)]


def ms(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)
