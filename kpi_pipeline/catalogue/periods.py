"""Periods that reports are about, as companies name them: 2026-11-21, 2026-W47, 2026-W45-W48, 2026-11, 2026-Q4, 2026.

Weeks are those of ISO 8601, computed and never asked of a language. A period has local days, both ends included.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from kpi_pipeline.catalogue.days import DAYS, parse_day_span
from kpi_pipeline.catalogue.entry import WEEKDAYS

Unit = Literal["day", "week", "weeks", "month", "quarter", "year", "once"]
DAY = timedelta(days=1)
WEEKS = re.compile(r"([2-9]|1[0-2]) weeks from (\d{4}-\d\d-\d\d)")
DUE = re.compile(rf"(?:({'|'.join(WEEKDAYS)}) |day ([1-9]\d?) )?([01]\d|2[0-3]):([0-5]\d)")
NAMED = {
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    "week": re.compile(r"(\d{4})-W(\d\d)"),
    "weeks": re.compile(r"(\d{4})-W(\d\d)-W(\d\d)"),
    "month": re.compile(r"(\d{4})-(\d\d)"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})"),
}
EXAMPLES = {
    "day": "2026-11-21",
    "week": "2026-W47",
    "weeks": "2026-W45-W48",
    "month": "2026-11",
    "quarter": "2026-Q4",
    "year": "2026",
}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`; `name` is what files and commands call it."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Due:
    """When a report is ready: at a local time of a weekday, or of the n-th day after its period."""

    at: time
    weekday: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        before = "" if self.weekday is None else f"{WEEKDAYS[self.weekday - 1]} "
        return f"{before if self.day is None else f'day {self.day} '}{self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Periods:
    """An endless row of periods of one kind, or `once` the one from `first` to `last`.

    Of `weeks`, so many weeks make a period, counted from the Monday `first`: thirteen four-weekly periods are no year,
    and a year of 53 weeks does not shift them.
    """

    unit: Unit
    weeks: int = 1
    first: date | None = None
    last: date | None = None

    def containing(self, day: date) -> Period:
        """The period of a day; of `once` always the one there is."""
        return MAKE[self.unit](self, day)

    def before(self, period: Period) -> Period:
        return self.containing(period.first - DAY)

    def after(self, period: Period) -> Period:
        return self.containing(period.last + DAY)

    def back(self, period: Period, count: int) -> Period:
        """The period so many earlier."""
        for _ in range(count):
            period = self.before(period)
        return period

    def named(self, name: str) -> Period:
        """The period of a name; raises ValueError that says how names are written."""
        if self.unit == "once":
            only = self.containing(date.min)
            if name == only.name:
                return only
            raise ValueError(f"there is only {only.name}")
        match = NAMED[self.unit].fullmatch(name)
        try:
            found = None if match is None else self.containing(_first_day(self.unit, match))
        except ValueError:
            found = None
        if found is None or found.name != name:
            near = "" if found is None else f"; near it is {found.name}"
            raise ValueError(f"write a period as {EXAMPLES[self.unit]}{near}")
        return found

    def __str__(self) -> str:
        if self.unit == "weeks":
            return f"{self.weeks} weeks from {self.first}"
        return f"{self.first}/{self.last}" if self.unit == "once" else self.unit


def ready_at(period: Period, due: Due, zone: ZoneInfo, *, running: bool = False) -> datetime:
    """When the report of a period is due: after its end, or `running` on the weekday of its last week."""
    if due.weekday is not None:
        start = period.last - 6 * DAY if running else period.last + DAY
        day = start + timedelta(days=(due.weekday - start.isoweekday()) % 7)
    else:
        day = period.last + timedelta(days=1 if due.day is None else due.day)
    return datetime.combine(day, due.at, zone)


def last_day(period: Period, due: Due, zone: ZoneInfo, *, running: bool = False) -> date:
    """The last day that the report of a period speaks of: a `running` one is written before its period is over."""
    if not running:
        return period.last
    return ready_at(period, due, zone, running=True).date() - DAY


def newest_due(periods: Periods, due: Due, zone: ZoneInfo, now: datetime, *, running: bool = False) -> Period | None:
    """The newest period whose report is due by now; None when there is none yet.

    Of `once` it is due from its first weekday on: what runs for weeks is looked at while it runs.
    """
    today = now.astimezone(zone).date()
    period = periods.containing(today)
    if periods.unit == "once":
        return period if period.first < today else None
    while ready_at(period, due, zone, running=running) > now:
        period = periods.before(period)
    return period


def _day(_: Periods, day: date) -> Period:
    return Period(day.isoformat(), day, day)


def _week(_: Periods, day: date) -> Period:
    first = day - timedelta(days=day.isoweekday() - 1)
    return Period(week_name(first), first, first + 6 * DAY)


def _weeks(periods: Periods, day: date) -> Period:
    assert periods.first is not None  # noqa: S101 - parsing demands it
    first = periods.first + 7 * periods.weeks * DAY * ((day - periods.first).days // (7 * periods.weeks))
    last = first + (7 * periods.weeks - 1) * DAY
    return Period(f"{week_name(first)}-{week_name(last)[-3:]}", first, last)


def _month(_: Periods, day: date) -> Period:
    return Period(f"{day:%Y-%m}", day.replace(day=1), _month_end(day))


def _quarter(_: Periods, day: date) -> Period:
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return Period(f"{day.year}-Q{(day.month + 2) // 3}", first, _month_end(first.replace(month=first.month + 2)))


def _year(_: Periods, day: date) -> Period:
    return Period(f"{day.year}", day.replace(month=1, day=1), day.replace(month=12, day=31))


def _once(periods: Periods, _: date) -> Period:
    assert periods.first is not None  # noqa: S101 - parsing demands it
    assert periods.last is not None  # noqa: S101
    return Period(f"{periods.first}_{periods.last}", periods.first, periods.last)


MAKE: dict[str, Callable[[Periods, date], Period]] = {
    "day": _day,
    "week": _week,
    "weeks": _weeks,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
    "once": _once,
}


def week_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def _first_day(unit: str, match: re.Match[str]) -> date:
    numbers = [int(each) for each in match.groups()]
    if unit in ("week", "weeks"):
        return date.fromisocalendar(numbers[0], numbers[1], 1)
    if unit == "quarter":
        return date(numbers[0], numbers[1] * 3 - 2, 1)
    return date(*numbers, *(1 for _ in range(3 - len(numbers))))


def parse_periods(raw: object) -> object:
    """'week', '4 weeks from 2025-12-29' or '2026-10-26/2026-11-22' → Periods; raises ValueError with the forms."""
    if isinstance(raw, Periods):
        return raw
    text = str(raw).strip()
    if text in ("day", "week", "month", "quarter", "year"):
        return Periods(text)  # type: ignore[arg-type]
    if (match := WEEKS.fullmatch(text)) is not None:
        first = date.fromisoformat(match[2])
        if first.isoweekday() != 1:
            raise ValueError(f"{first} is no Monday: weeks are counted from one")
        return Periods("weeks", int(match[1]), first)
    if DAYS.fullmatch(text) is not None and "/" in text:
        found = parse_day_span(text)
        return Periods("once", first=found.first, last=found.last)  # type: ignore[attr-defined]
    raise ValueError(
        f"{raw!r}: write day, week, month, quarter, year, '4 weeks from 2025-12-29' or '2026-10-26/2026-11-22'"
    )


def parse_due(raw: object) -> object:
    """'08:00', 'mon 08:00' or 'day 5 08:00' → Due; raises ValueError with the forms."""
    if isinstance(raw, Due):
        return raw
    match = DUE.fullmatch(str(raw).strip())
    if match is None:
        raise ValueError(f"{raw!r}: write '08:00', 'mon 08:00', or 'day 5 08:00' for the fifth day after a month")
    weekday = None if match[1] is None else WEEKDAYS.index(match[1]) + 1
    return Due(time(int(match[3]), int(match[4])), weekday, None if match[2] is None else int(match[2]))


AnyPeriods = Annotated[Periods, BeforeValidator(parse_periods)]
AnyDue = Annotated[Due, BeforeValidator(parse_due)]
