"""UptimeRobot's own arithmetic: uptime over a range, and response times.

The vendor does not say how it treats pauses and maintenance; here neither is monitored time. A cross-check of a KPI
against these figures should allow a hundredth of a percentage point, as against the real ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any
from zlib import crc32

from kpi_pipeline.sandbox.vendors.uptimerobot.records import incident_head
from kpi_pipeline.sandbox.vendors.wire import iso_milliseconds
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident

Interval = tuple[datetime, datetime]
_REPEAT = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


def union(spans: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """The spans cut to [start, end) and melted into disjoint ones, in order."""
    melted: list[Interval] = []
    for begin, stop in sorted((max(a, start), min(b, end)) for a, b in spans):
        if begin >= stop:
            continue
        if melted and begin <= melted[-1][1]:
            melted[-1] = (melted[-1][0], max(melted[-1][1], stop))
        else:
            melted.append((begin, stop))
    return melted


def seconds(spans: Iterable[Interval]) -> float:
    return sum((stop - begin).total_seconds() for begin, stop in spans)


def occurrences(window: MaintenanceWindow, until: datetime) -> Iterator[Interval]:
    """Every time the window is open before `until`."""
    start, length = window.start, timedelta(minutes=window.duration_min)
    while start < until:
        yield start, start + length
        if window.interval == "once":
            return
        start = start + _REPEAT[window.interval] if window.interval in _REPEAT else _next_month(start, window.start.day)


def _next_month(start: datetime, day: int) -> datetime:
    year, month = (start.year, start.month + 1) if start.month < 12 else (start.year + 1, 1)
    for candidate in (day, 30, 29, 28):
        try:
            return start.replace(year=year, month=month, day=min(day, candidate))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def uptime(
    monitor: Monitor,
    incidents: Sequence[MonitorIncident],
    maintenance: Sequence[MaintenanceWindow],
    span: Interval,
    now: datetime,
) -> dict[str, Any]:
    """GET /monitors/{id}/stats/uptime: percent of the monitored seconds of [from, to) in which it was up."""
    start, end = span[0], min(span[1], now)
    down = [(i.started_at, i.resolved_at or end) for i in incidents if i.include_in_reports and i.started_at < end]
    excluded = [(a, b or end) for a, b in monitor.pauses]
    excluded += [each for w in maintenance if monitor.id in w.monitor_ids for each in occurrences(w, end)]
    excluded += [(start, monitor.created_at)]
    silent = union(excluded, start, end)
    monitored = max(0.0, (end - start).total_seconds() - seconds(silent))
    lost = seconds(union([*down, *silent], start, end)) - seconds(silent)
    count = sum(start <= begin < end for begin, _ in down)
    return {
        "uptime": round(100 * (monitored - lost) / monitored, 3) if monitored else 100,
        "total_downtime_seconds": round(lost),
        "incident_count": count,
        "mtbf": round((monitored - lost) / count) if count else None,
        "from": iso_milliseconds(span[0]),
        "to": iso_milliseconds(span[1]),
    }


def overall(
    monitors: Sequence[tuple[Monitor, Sequence[MonitorIncident]]],
    maintenance: Sequence[MaintenanceWindow],
    span: Interval,
    now: datetime,
    log_limit: int,
) -> dict[str, Any]:
    """GET /monitors/uptime-stats: the plain mean over monitors, and the latest downtimes."""
    start, end = span[0], min(span[1], now)
    each = [uptime(monitor, incidents, maintenance, span, now) for monitor, incidents in monitors]
    down = [i for _, incidents in monitors for i in incidents if start <= i.started_at < end]
    down.sort(key=lambda incident: incident.started_at, reverse=True)
    heads = [incident_head(incident, now) for incident in down[:log_limit]]
    lost = sum(row["total_downtime_seconds"] for row in each)
    without = round((end - start).total_seconds() * len(each)) - lost
    return {
        "overallUptime": round(fmean(row["uptime"] for row in each), 3) if each else 100,
        "totalIncidents": len(down),
        "totalTimeWithoutIncidents": without,
        "affectedMonitors": len({incident.monitor_id for incident in down}),
        "logs": [{"type": "DOWNTIME", "datetime": head["startedAt"], "duration": head["duration"]} for head in heads],
        "mtbf": round(without / len(down)) if down else None,
    }


def response_times(monitor: Monitor, span: Interval, now: datetime) -> list[tuple[datetime, int]]:
    """One response time an hour in ms, the same whenever it is asked for; the world does not simulate them."""
    hour = span[0].replace(minute=0, second=0, microsecond=0)
    points = []
    while hour < min(span[1], now):
        if hour >= max(span[0], monitor.created_at):
            points.append((hour, 120 + crc32(f"{monitor.id}/{hour.isoformat()}".encode()) % 180))
        hour += timedelta(hours=1)
    return points
