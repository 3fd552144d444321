"""Hours and days in which nothing is sent: [from, to) in local time, whatever the clocks do. Pure."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kpi_pipeline.alerts.matching import Labels, matches, of_mapping
from kpi_pipeline.catalogue.alerting import Mute
from kpi_pipeline.catalogue.model import Company


def is_muted(company: Company, labels: Labels, now: datetime) -> bool:
    """Whether one of the company's mute calendars holds back an alert with these labels now."""
    return any(
        covers(mute, company.tz, now) and matches(of_mapping(mute.match), labels) for mute in company.alerts.mutes
    )


def covers(mute: Mute, zone: ZoneInfo, now: datetime) -> bool:
    """Whether an instant is within a mute: its start is, its end is not; a span over midnight belongs to its first
    day."""
    local = now.astimezone(zone if mute.zone is None else ZoneInfo(mute.zone))
    if any(first <= local.date() <= last for first, last in map(dates, mute.dates)):
        return True
    if mute.dates:
        return False
    start, whole_day = time.fromisoformat(mute.start), mute.end == "24:00"
    end = time.max if whole_day else time.fromisoformat(mute.end)
    clock, weekday = local.time(), local.isoweekday()
    before_end = whole_day or clock < end
    if whole_day or start < end:
        return weekday in mute.days and start <= clock and before_end
    yesterday = (weekday - 2) % 7 + 1
    return (weekday in mute.days and clock >= start) or (yesterday in mute.days and before_end)


def dates(text: str) -> tuple[date, date]:
    """'2026-12-24/2027-01-02' or one day → its first and last day; raises ValueError for anything else."""
    first, _, last = text.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)
