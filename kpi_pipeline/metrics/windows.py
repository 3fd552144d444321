"""The span a KPI looks at, parsed from its printed words: 'rolling 30 days', 'calendar month', 'at day end', …"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import ibis
import ibis.expr.types as ir

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
EXAMPLES = (
    "'rolling 30 days', 'rolling 30 days ending 30 days ago', 'rolling 2592000 seconds', "
    "'calendar day|week|month|quarter|year', 'last 3 complete months' or 'at day end'"
)
ROLLING = re.compile(r"rolling (\d+) days?(?: ending (\d+) days? ago)?")
SECONDS = re.compile(r"rolling (\d+) seconds?")
CALENDAR = re.compile(r"calendar (day|week|month|quarter|year)")
COMPLETE = re.compile(r"last (\d+) complete months?")


class Shape(StrEnum):
    DAYS = "days"  # N local calendar days: a day of the clock change has 23 or 25 hours
    SECONDS = "seconds"  # exactly N seconds, whatever the clocks do
    CALENDAR = "calendar"  # from the start of the local day, ISO week, month, quarter or year, to date
    COMPLETE_MONTHS = "complete_months"  # the N calendar months before the running one
    INSTANT = "instant"  # the state at the end of the day


@dataclass(frozen=True, slots=True)
class Window:
    """One kind of span; half-open, its end is the end of the business day (`lag_days` earlier for a lagged one)."""

    shape: Shape
    length: int = 0
    lag_days: int = 0
    unit: str = ""

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

    def end_day(self, day: date) -> date:
        """The first local day after the window of `day`."""
        if self.shape is Shape.COMPLETE_MONTHS:
            return day.replace(day=1)
        return day + timedelta(days=1 - self.lag_days)

    def is_complete(self, day: date) -> bool:
        """Whether the period is over when `day` is over: a month to date is not, a rolling window always is."""
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
            case Shape.CALENDAR:
                return local_day, _next_boundary(local_day, boundaries(first, last, self.unit))
            case Shape.COMPLETE_MONTHS:
                months = boundaries(self.first_day(first), last, "month")
                return _next_boundary(local_day, months), _next_boundary(local_day, months, skip=self.length)
            case Shape.SECONDS:
                raise ValueError("a window of exact seconds cuts through days: use its start and end instants")


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
    elif match := COMPLETE.fullmatch(words):
        window = Window(Shape.COMPLETE_MONTHS, int(match[1]))
    else:
        raise ValueError(f"window {text!r} is none of {EXAMPLES}")
    if window.length == 0:
        raise ValueError(f"window {text!r} is empty: its length must be at least 1")
    return window


def day_index(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def day_of_index(index: int) -> date:
    return date.fromordinal(index + EPOCH_ORDINAL)


def period_start(day: date, unit: str) -> date:
    """The first day of the ISO week, month, quarter or year that holds `day`; the day itself for 'day'."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
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
    return start + timedelta(days=7 if unit == "week" else 1)


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
