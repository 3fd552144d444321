"""Local calendar days of one time zone as UTC instants, those of 23 and 25 hours included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class Days:
    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._starts: dict[date, datetime] = {}

    def start(self, day: date) -> datetime:
        """Local midnight with which `day` begins."""
        known = self._starts.get(day)
        if known is None:
            known = self._starts[day] = datetime.combine(day, time(), self.zone).astimezone(UTC)
        return known

    def at(self, day: date, seconds: float) -> datetime:
        """The instant at which the wall clock shows `seconds` after midnight, to the millisecond.

        A time that the clock skips in spring is read with the offset before the jump, one that it shows twice in
        autumn as the first of the two.
        """
        shift = timedelta(milliseconds=int(seconds * 1000))
        if self.start(day + DAY) - self.start(day) == DAY:
            return self.start(day) + shift
        return (datetime.combine(day, time(), self.zone) + shift).astimezone(UTC)

    def date_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def after_open(self, start: datetime, wait: timedelta, opens: int, closes: int) -> datetime:
        """The instant at which `wait` has passed on a clock that runs from `opens` to `closes` o'clock, every day."""
        day = self.date_of(start)
        while True:
            begin, end = max(start, self.at(day, opens * 3600)), self.at(day, closes * 3600)
            if begin + wait < end:
                return begin + wait
            if begin < end:
                wait -= end - begin
            day += DAY

    def changes(self, first: date, last: date) -> list[date]:
        """The days in [first, last] on which the clock changes."""
        return [day for day in span(first, last) if self.start(day + DAY) - self.start(day) != DAY]


def span(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def month_start(day: date, months: int = 0) -> date:
    """The first of the month that lies `months` after that of `day`; negative goes back."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def day_code(day: date) -> int:
    """The day as yymmdd, the first digits of many ids."""
    return (day.year % 100 * 100 + day.month) * 100 + day.day


def whole_second(instant: datetime) -> datetime:
    """Cut to the second, for vendors that keep no more (Stripe, Typeform)."""
    return instant.replace(microsecond=0)
