"""Streams of UptimeRobot (API v3): monitors, incidents, maintenance."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Instant, StreamModel, Text, TextList, Whole, column

MONITOR_STATUSES = ("PAUSED", "STARTED", "UP", "LOOKS_DOWN", "DOWN")


class Monitors(StreamModel):
    """One monitor as it is now. A pause leaves no incident: it is seen as a version with status PAUSED.

    `paused_at` is when the present pause began, to the minute; null unless it is paused.
    """

    id: Whole = column("id", key=True)
    name: Text = column("friendlyName")
    url: Text = column("url", nullable=True)
    type: Text = column("type")
    status: Text = column("status", isin=MONITOR_STATUSES)
    interval_s: Whole = column("interval", nullable=True, gt=0)
    group_id: Whole = column("groupId", nullable=True)
    tags: TextList = column("tags[].name", nullable=True)
    created_at: Instant = column("createDateTime", unit="iso")
    paused_at: Instant = column("pausedAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "uptimerobot.monitors"


class Incidents(StreamModel):
    """One confirmed downtime of a monitor; `resolved_at` is null while it lasts.

    `include_in_reports` false: a person took it out of the figures (e.g. a false alarm); it must not count as downtime.
    """

    id: Text = column("id", key=True)
    monitor_id: Whole = column("monitor.id")
    type: Text = column("type", nullable=True)
    status: Text = column("status", nullable=True)
    cause: Whole = column("cause", nullable=True)
    reason: Text = column("reason", nullable=True)
    started_at: Instant = column("startedAt", unit="iso", cursor=True)
    resolved_at: Instant = column("resolvedAt", unit="iso", nullable=True)
    include_in_reports: Flag = column("includeInReports")

    class Config(StreamModel.Config):
        name = "uptimerobot.incidents"


class MaintenanceWindows(StreamModel):
    """One occurrence of a maintenance window for one monitor: [starts_at, ends_at).

    Recurring windows (daily, weekly, monthly) come as one row per occurrence since they were created, so that a reader
    never has to know the vendor's recurrence rules.
    """

    id: Whole = column("id", key=True)
    monitor_id: Whole = column("monitor_id", key=True)
    starts_at: Instant = column("starts_at", unit="iso", key=True)
    ends_at: Instant = column("ends_at", unit="iso")
    name: Text = column("name", nullable=True)
    interval: Text = column("interval", isin=("once", "daily", "weekly", "monthly"))

    class Config(StreamModel.Config):
        name = "uptimerobot.maintenance_windows"
