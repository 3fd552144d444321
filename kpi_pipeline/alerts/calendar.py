"""Working time of a company: when it is open, and when a span such as '1 working day' is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from kpi_pipeline.catalogue.model import Company, WorkingCalendar
from kpi_pipeline.catalogue.spans import Span

OFFICE = WorkingCalendar(days=(1, 2, 3, 4, 5), opens=time(9), closes=time(17))
USUAL = ("working", "working_days", "office", "support")
MIDNIGHT = time()
HORIZON_DAYS = 400  # no calendar is closed for longer


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A working calendar in a zone. One working day later is the same clock time on the next working day."""

    calendar: WorkingCalendar
    zone: ZoneInfo

    def after(self, instant: datetime, span: Span) -> datetime:
        """When a span that begins at `instant` is over, in UTC; working time begins at the next opening.

        Raises ValueError for a span of periods or measurements, which has no length.
        """
        if span.unit == "working_days":
            return self._days_later(self.next_open(instant), span.amount)
        if span.unit == "working_hours":
            return self._hours_later(self.next_open(instant), timedelta(hours=span.amount))
        return instant.astimezone(UTC) + span.elapsed

    def next_open(self, instant: datetime) -> datetime:
        """The first open instant at or after this one, in UTC."""
        local = instant.astimezone(self.zone)
        opens, closes = self._hours(local.date())
        if opens <= instant < closes:
            return instant.astimezone(UTC)
        day = local.date() if instant < opens and opens < closes else self._next_working_day(local.date())
        return self._hours(day)[0]

    def _days_later(self, start: datetime, days: int) -> datetime:
        local = start.astimezone(self.zone)
        day = local.date()
        for _ in range(days):
            day = self._next_working_day(day)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def _hours_later(self, start: datetime, left: timedelta) -> datetime:
        while True:
            closes = self._hours(start.astimezone(self.zone).date())[1]
            if start + left <= closes:
                return start + left
            left -= closes - start
            start = self._hours(self._next_working_day(start.astimezone(self.zone).date()))[0]

    def _next_working_day(self, day: date) -> date:
        for offset in range(1, HORIZON_DAYS):
            following = day + timedelta(days=offset)
            opens, closes = self._hours(following)
            if opens < closes:
                return following
        raise ValueError(f"the calendar has no working day within {HORIZON_DAYS} days of {day}")

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing in UTC; equal on a day that is closed. Closing at 00:00 is the end of the day."""
        opens = datetime.combine(day, self.calendar.opens, self.zone).astimezone(UTC)
        if day.isoweekday() not in self.calendar.days or _is_holiday(self.calendar.holidays, day):
            return opens, opens
        last = day + timedelta(days=1) if self.calendar.closes == MIDNIGHT else day
        return opens, datetime.combine(last, self.calendar.closes, self.zone).astimezone(UTC)


def working_time(company: Company, calendar: str | None = None) -> WorkingTime:
    """The calendar by name, else that of alerts.yaml, else the company's usual one, else Mon-Fri 09:00-17:00."""
    name = company.alerts.calendar if calendar is None else calendar
    if name is not None:
        return WorkingTime(company.calendars[name], company.tz)
    usual = next((company.calendars[each] for each in USUAL if each in company.calendars), OFFICE)
    return WorkingTime(usual, company.tz)


@lru_cache(maxsize=4096)
def _is_holiday(country: str | None, day: date) -> bool:
    return country is not None and day in _holidays(country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
