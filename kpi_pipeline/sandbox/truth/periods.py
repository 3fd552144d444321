"""Business days of a company and the windows that end with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)


def midnight(zone: str, day: date) -> datetime:
    """The instant at which the local day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """A local day judged as of its end, or as of now while it runs."""

    zone: str
    day: date
    start: datetime
    as_of: datetime

    def days_back(self, count: int) -> datetime:
        """Start of the rolling window of `count` local days that ends with this day."""
        return midnight(self.zone, self.day - (count - 1) * DAY)

    def month_start(self) -> datetime:
        return midnight(self.zone, self.day.replace(day=1))

    def cut(self, now: datetime, settle: timedelta) -> datetime:
        """Answers before this instant count for the day."""
        return min(now, self.as_of + settle)


def business_days(zone: str, first: date, last: date, now: datetime) -> list[BusinessDay]:
    found = []
    day = first
    while day <= last and midnight(zone, day) < now:
        found.append(BusinessDay(zone, day, midnight(zone, day), min(now, midnight(zone, day + DAY))))
        day += DAY
    return found


def milliseconds(span: timedelta) -> int:
    return span // MILLISECOND


def local_date(zone: str, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
