"""When reminders are due, and by when a KPI should have been measured. Pure, in the company's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.alerts import periods
from kpi_pipeline.catalogue.alerting import Remind
from kpi_pipeline.catalogue.entry import WEEKDAYS

PERIOD_OF_CADENCE = {
    "hourly": "day",
    "every 6 hours": "day",
    "daily": "day",
    "weekly": "week",
    "every 2 weeks": "fortnight",
    "every sprint": "fortnight",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
GRACE = {
    "day": timedelta(hours=6),
    "week": timedelta(days=1),
    "fortnight": timedelta(days=1),
    "month": timedelta(days=3),
    "quarter": timedelta(days=3),
    "year": timedelta(days=3),
}


def last_due(remind: Remind, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The newest instant, not after `now`, at which a reminder was due; None before the first."""
    today = now.astimezone(zone).date()
    first = periods.start(today, remind.every)
    for begins in (first, periods.start(first - timedelta(days=1), remind.every)):
        day = _due_day(remind, begins)
        due = datetime.combine(day, remind.at, zone).astimezone(UTC)
        if due <= now and (remind.since is None or day >= remind.since):
            return due
    return None


def _due_day(remind: Remind, begins: date) -> date:
    """The day within the period that begins on `begins`: by its weekday, or its number, negative from the end."""
    last = periods.end(begins, remind.every)
    if isinstance(remind.on, str):
        return begins + timedelta(days=(WEEKDAYS.index(remind.on) + 1 - begins.isoweekday()) % 7)
    if remind.on < 0:
        return max(begins, last + timedelta(days=remind.on + 1))
    return min(last, begins + timedelta(days=remind.on - 1))


def expected_day(cadence: str, zone: ZoneInfo, settled_until: timedelta, now: datetime) -> date | None:
    """The last day of the newest period whose measurement is due: over, settled, and its grace has passed.

    None for a cadence without periods (once, per survey).
    """
    every = PERIOD_OF_CADENCE.get(cadence)
    if every is None:
        return None
    seen = (now - settled_until - GRACE[every]).astimezone(zone).date()
    return periods.last_end(seen, every)
