"""The span a KPI looks at, parsed from its printed words: 'rolling 30 days', 'calendar month', 'at day end', …"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import ibis
import ibis.expr.types as ir

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
FORTNIGHTS = date(2024, 1, 8)  # ISO week 2; in step with even weeks until a year of 53 weeks, then with odd ones
EXAMPLES = (
    "'rolling 30 days', 'rolling 30 days ending 30 days ago', 'rolling 2592000 seconds', "
    "'calendar day|week|fortnight|month|quarter|year', 'last 3 complete months', 'from 2026-11-16 to 2026-11-22' "
    "or 'at day end'"
)
ROLLING = re.compile(r"rolling (\d+) days?(?: ending (\d+) days? ago)?")
SECONDS = re.compile(r"rolling (\d+) seconds?")
CALENDAR = re.compile(r"calendar (day|week|fortnight|month|quarter|year)")
FIXED = re.compile(r"from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)")
COMPLETE = re.compile(r"last (\d+) complete months?")


class Shape(StrEnum):
    DAYS = "days"  # N local calendar days: a day of the clock change has 23 or 25 hours
    SECONDS = "seconds"  # exactly N seconds, whatever the clocks do
    CALENDAR = "calendar"  # from the start of the local day, ISO week, two weeks, month, quarter or year, to date
    FIXED = "fixed"  # one span of local days, the same for every business day, to date
    COMPLETE_MONTHS = "complete_months"  # the N calendar months before the running one
    INSTANT = "instant"  # the state at the end of the day


@dataclass(frozen=True, slots=True)
class Window:
    """One kind of span; half-open, its end is the end of the business day (`lag_days` earlier for a lagged one)."""

    shape: Shape
    length: int = 0
    lag_days: int = 0
    unit: str = ""
    span: tuple[date, date] | None = None

    def first_day(self, day: date) -> date:
        """The first local day that the window of `day` touches; for an instant the day itself."""
        match self.shape:
            case Shape.DAYS:
                return day - timedelta(days=self.lag_days + self.length - 1)
            case Shape.SECONDS:
                return day - timedelta(days=-(-self.length // 86_400))
            case Shape.CALENDAR:
                return period_start(day, self.unit)
            case Shape.COMPLETE_MONTHS:
                return add_months(day.replace(day=1), -self.length)
            case Shape.INSTANT:
                return day
            case Shape.FIXED:
                return min(self._fixed[0], day + timedelta(days=1))

    def end_day(self, day: date) -> date:
        """The first local day after the window of `day`."""
        if self.shape is Shape.COMPLETE_MONTHS:
            return day.replace(day=1)
        if self.shape is Shape.FIXED:
            return min(self._fixed[1], day) + timedelta(days=1)
        return day + timedelta(days=1 - self.lag_days)

    def is_complete(self, day: date) -> bool:
        """Whether the period is over when `day` is over: a month to date is not, a rolling window always is."""
        if self.shape is Shape.FIXED:
            return day >= self._fixed[1]
        return self.shape is not Shape.CALENDAR or next_period_start(day, self.unit) == day + timedelta(days=1)

    def days_in_view(self, local_day: ir.IntegerValue, first: date, last: date) -> tuple[ir.IntegerValue, ir.Value]:
        """The business days [enter, exit), as day indexes, whose window holds something of `local_day`.

        Only days from `first` to `last` are asked for; outside them the answer may be any day outside them.
        """
        match self.shape:
            case Shape.DAYS:
                return local_day + self.lag_days, local_day + (self.lag_days + self.length)
            case Shape.INSTANT:
                return local_day, ibis.literal(day_index(last) + 1, "int64")
            case Shape.CALENDAR if self.unit == "day":
                return local_day, local_day + 1
            case Shape.CALENDAR if self.unit == "week":
                return local_day, local_day - (local_day + 3) % 7 + 7  # 1970-01-01 was a Thursday
            case Shape.CALENDAR if self.unit == "fortnight":
                return local_day, local_day - (local_day - day_index(FORTNIGHTS) % 14 + 14) % 14 + 14
            case Shape.FIXED:
                begins, ends = map(day_index, self._fixed)
                after = ibis.ifelse(local_day.between(begins, ends), day_index(last) + 1, local_day)
                return local_day, after
            case Shape.CALENDAR:
                return local_day, _next_boundary(local_day, boundaries(first, last, self.unit))
            case Shape.COMPLETE_MONTHS:
                months = boundaries(self.first_day(first), last, "month")
                return _next_boundary(local_day, months), _next_boundary(local_day, months, skip=self.length)
            case Shape.SECONDS:
                raise ValueError("a window of exact seconds cuts through days: use its start and end instants")

    @property
    def _fixed(self) -> tuple[date, date]:
        if self.span is None:
            raise ValueError(f"a window of shape {self.shape} has no fixed days")
        return self.span


def parse(text: str) -> Window:
    """The window that the words mean. Raises ValueError, with examples, for words that mean none."""
    words = " ".join(text.split())
    if words == "at day end":
        return Window(Shape.INSTANT)
    if match := ROLLING.fullmatch(words):
        window = Window(Shape.DAYS, int(match[1]), int(match[2] or 0))
    elif match := SECONDS.fullmatch(words):
        window = Window(Shape.SECONDS, int(match[1]))
    elif match := CALENDAR.fullmatch(words):
        return Window(Shape.CALENDAR, unit=match[1])
    elif match := FIXED.fullmatch(words):
        return _fixed_window(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
    elif match := COMPLETE.fullmatch(words):
        window = Window(Shape.COMPLETE_MONTHS, int(match[1]))
    else:
        raise ValueError(f"window {text!r} is none of {EXAMPLES}")
    if window.length == 0:
        raise ValueError(f"window {text!r} is empty: its length must be at least 1")
    return window


def _fixed_window(first: date, last: date) -> Window:
    if last < first:
        raise ValueError(f"window from {first} to {last} ends before it begins")
    return Window(Shape.FIXED, span=(first, last))


def day_index(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def day_of_index(index: int) -> date:
    return date.fromordinal(index + EPOCH_ORDINAL)


def period_start(day: date, unit: str) -> date:
    """The first day of the ISO week, two weeks, month, quarter or year that holds `day`; the day itself for 'day'."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "fortnight":
            return day - (day - FORTNIGHTS) % timedelta(days=14)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def next_period_start(day: date, unit: str) -> date:
    """The first day after the period that holds `day`."""
    start = period_start(day, unit)
    months = {"month": 1, "quarter": 3, "year": 12}
    if unit in months:
        return add_months(start, months[unit])
    return start + timedelta(days={"week": 7, "fortnight": 14}.get(unit, 1))


def add_months(first_of_month: date, months: int) -> date:
    """The first of the month `months` later (earlier if negative)."""
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def boundaries(first: date, last: date, unit: str) -> list[date]:
    """The first days of all periods from the one that holds `first` to the one after `last`, ascending."""
    found = [period_start(first, unit)]
    while found[-1] <= last:
        found.append(next_period_start(found[-1], unit))
    return found


def _next_boundary(local_day: ir.IntegerValue, days: list[date], skip: int = 0) -> ir.IntegerValue:
    """The first boundary after a day, or the one `skip` further; past the list, the day after its last."""
    indexes = [day_index(day) for day in days]
    beyond = indexes[-1] + 1
    moved = [indexes[place + skip] if place + skip < len(indexes) else beyond for place in range(len(indexes))]
    branches = [(local_day < boundary, ibis.literal(to, "int64")) for boundary, to in zip(indexes, moved, strict=True)]
    return ibis.cases(*branches, else_=ibis.literal(beyond, "int64"))
