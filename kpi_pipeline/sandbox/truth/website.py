"""Availability of what customers need: website and API, over exactly 30 x 24 hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, World

WINDOW = timedelta(seconds=30 * 86_400)
REQUIRED = {
    "website_availability": ("Website", "API /health"),
    "website_availability_site": ("Website",),
    "website_availability_api": ("API /health",),
}
EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
Interval = tuple[datetime, datetime]


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    found: Series = {}
    for kpi, names in REQUIRED.items():
        found[kpi] = {day.day: availability(world, names, day.as_of, now) for day in days}
    return found


def availability(world: World, names: tuple[str, ...], end: datetime, now: datetime) -> TruthValue:
    """The share of the watched part of the 30 x 24 hours until `end` in which none of these monitors was down."""
    monitors = [monitor for monitor in world.monitors if monitor.name in names and monitor.created_at <= now]
    return _availability(world, monitors, end - WINDOW, end, now)


def _availability(world: World, monitors: list[Monitor], start: datetime, end: datetime, now: datetime) -> TruthValue:
    ids = {monitor.id for monitor in monitors}
    down = [
        (incident.started_at, end if incident.resolved_at is None else incident.resolved_at)
        for incident in world.incidents
        if incident.monitor_id in ids and incident.include_in_reports
    ]
    unwatched: list[Interval] = []
    for monitor in monitors:
        unwatched.append((start, monitor.created_at))
        # UptimeRobot shows a pause only as long as it lasts; one that is over leaves no trace that could be counted.
        unwatched += [(since, end) for since, until in monitor.pauses if since <= now and not passed(until, now)]
    for window in world.maintenance:
        if ids & set(window.monitor_ids):
            unwatched += _occurrences(window, start, end)
    whole = milliseconds(end - start)
    excluded = _union(unwatched, start, end)
    # Down and watched = down or excluded, less what is excluded.
    lost = _length(_union([*down, *excluded], start, end)) - _length(excluded)
    watched = whole - _length(excluded)
    return ratio(watched - lost, watched, n=len(monitors), scale=Fraction(100))


def _occurrences(window: MaintenanceWindow, start: datetime, end: datetime) -> list[Interval]:
    length = timedelta(minutes=window.duration_min)
    if window.interval == "once":
        return [(window.start, window.start + length)]
    found, at = [], window.start
    while at < end:
        if at + length > start:
            found.append((at, at + length))
        at += EVERY[window.interval]
    return found


def _union(intervals: list[Interval], start: datetime, end: datetime) -> list[Interval]:
    """The parts of [start, end) that at least one interval covers, in order, without overlap."""
    found: list[Interval] = []
    for since, until in sorted(intervals):
        since, until = max(since, start), min(until, end)
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _length(intervals: list[Interval]) -> int:
    return sum(milliseconds(until - since) for since, until in intervals)
