"""Maintenance windows as occurrences: every time span in which a monitor was meant to be silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.errors import ContractError

_DAY = timedelta(days=1)


def occurrences(item: Mapping[str, Any], zone: ZoneInfo, until: datetime) -> Iterator[dict[str, Any]]:
    """One record per occurrence that starts before `until` and per monitor.

    UptimeRobot writes date and time of day in the account's time zone and the duration in minutes; a recurring window
    counts from when it was created. `days` are ISO weekdays for weekly windows, days of the month for monthly
    ones; a month without that day has no occurrence. A paused window has none at all.

    Raises ContractError for a window we cannot place in time.
    """
    if item["status"] == "paused":
        return
    length = timedelta(minutes=float(item["duration"]))
    for day in _days(item, zone, until):
        starts = datetime.combine(day, time.fromisoformat(item["time"]), zone)
        if starts >= until:
            return
        if item["interval"] != "once" and starts <= datetime.fromisoformat(item["created"]):
            continue
        for monitor in item["monitorIds"]:
            yield {
                "id": item["id"],
                "monitor_id": monitor,
                "starts_at": _utc(starts),
                "ends_at": _utc(starts.astimezone(_UTC) + length),
                "name": item.get("name"),
                "interval": item["interval"],
            }


_UTC = ZoneInfo("UTC")


def _utc(instant: datetime) -> str:
    return instant.astimezone(_UTC).isoformat()


def _days(item: Mapping[str, Any], zone: ZoneInfo, until: datetime) -> Iterator[date]:
    interval = item["interval"]
    if interval == "once":
        if item["date"] is None:
            raise _unknown(item, "a one-time window has no date")
        yield date.fromisoformat(item["date"][:10])
        return
    if interval not in ("daily", "weekly", "monthly"):
        raise _unknown(item, f"the interval {interval!r} is none of once, daily, weekly, monthly")
    day, last = datetime.fromisoformat(item["created"]).astimezone(zone).date(), until.astimezone(zone).date()
    wanted = set(item["days"])
    while day <= last:
        number = {"daily": None, "weekly": day.isoweekday(), "monthly": day.day}[interval]
        if number is None or number in wanted:
            yield day
        day += _DAY


def _unknown(item: Mapping[str, Any], reason: str) -> ContractError:
    return ContractError(
        f"uptimerobot: placing maintenance window {item['id']} in time",
        reason,
        remedy="Compare the window with the vendor's changelog and adapt the connector.",
    )
