"""Hours and days in which nothing is sent: [from, to) by the local clock. Pure.

What people agreed on is what their clocks show: a time that does not come (02:30 in a night of March) is no time of
silence, one that comes twice (in October) is silent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.alerts.matching import Labels, matches, of_mapping
from kpi_pipeline.catalogue.alerting import Mute
from kpi_pipeline.catalogue.model import Company

MIDNIGHT = "24:00"
MOST_MINUTES = 8 * 24 * 60  # hours of the week that are silent for longer than a week have no end


def mute_of(company: Company, labels: Labels, now: datetime) -> Mute | None:
    """The first mute calendar of the company that holds back an alert with these labels now."""
    for mute in company.alerts.mutes:
        if covers(mute, company.tz, now) and matches(of_mapping(mute.match), labels):
            return mute
    return None


def muted_until(company: Company, labels: Labels, now: datetime) -> datetime | None:
    """When the mutes that hold back an alert now are over, one after another; None when none does, or none ends."""
    at, steps = now, 0
    while (mute := mute_of(company, labels, at)) is not None and steps < MOST_MINUTES:
        at, steps = _later(mute, company.tz, at), steps + 1
    return at if at > now and mute is None else None


def covers(mute: Mute, zone: ZoneInfo, now: datetime) -> bool:
    """Whether an instant is within a mute: its start is, its end is not; a span over midnight belongs to its first
    day."""
    local = now.astimezone(_zone(mute, zone))
    if mute.dates:
        return any(local.date() in span for span in mute.dates)
    start, clock, weekday = time.fromisoformat(mute.start), local.time(), local.isoweekday()
    before_end = mute.end == MIDNIGHT or clock < time.fromisoformat(mute.end)
    if mute.end == MIDNIGHT or start < time.fromisoformat(mute.end):
        return weekday in mute.days and start <= clock and before_end
    yesterday = (weekday - 2) % 7 + 1
    return (weekday in mute.days and clock >= start) or (yesterday in mute.days and before_end)


def turns_of(company: Company, first: datetime, last: datetime) -> Iterator[datetime]:
    """When mutes of a company may begin or end within [first, last), in no order."""
    for mute in company.alerts.mutes:
        zone = _zone(mute, company.tz)
        clocks = {time()} if mute.dates else {time.fromisoformat(mute.start), _end(mute)}
        day, until = first.astimezone(zone).date(), last.astimezone(zone).date()
        while day <= until:
            found = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in clocks)
            yield from (each for each in found if first <= each < last)
            day += timedelta(days=1)


def _end(mute: Mute) -> time:
    return time() if mute.end == MIDNIGHT else time.fromisoformat(mute.end)


def _later(mute: Mute, zone: ZoneInfo, at: datetime) -> datetime:
    """The end of the days of a mute, or the next minute: clocks are changed on whole minutes too."""
    if mute.dates:
        local = at.astimezone(_zone(mute, zone))
        last = max(span.last for span in mute.dates if local.date() in span)
        return datetime.combine(last + timedelta(days=1), time(), local.tzinfo).astimezone(UTC)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _zone(mute: Mute, zone: ZoneInfo) -> ZoneInfo:
    return zone if mute.zone is None else ZoneInfo(mute.zone)
