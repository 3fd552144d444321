"""Monitoring: what UptimeRobot shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.sandbox.world.model.life import Span


@dataclass(frozen=True, slots=True)
class Monitor:
    id: int
    name: str
    url: str
    type: str  # "HTTP", "KEYWORD", "PING", "PORT", "HEARTBEAT"
    interval_s: int
    created_at: datetime
    tags: tuple[str, ...]
    pauses: tuple[Span, ...] = ()
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MonitorIncident:
    id: str
    monitor_id: int
    type: str
    cause: int
    reason: str
    started_at: datetime
    resolved_at: datetime | None
    include_in_reports: bool = True


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    id: int
    name: str
    monitor_ids: tuple[int, ...]
    start: datetime
    duration_min: int
    interval: str = "once"
