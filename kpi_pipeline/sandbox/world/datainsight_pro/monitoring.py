"""Two monitors that look every 30 seconds, what they saw, and one that watches what no customer needs."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.days import DAY, whole_second
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident, World

FIRST_ID = 812_100_400
NAMES = ("Platform", "API", "Status page")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BLIPS_A_DAY = 0.05


def fill(world: World, scene: Scene) -> None:
    opened = scene.starts_at - 90 * DAY
    paused = scene.ago(64, 22.0)
    world.monitors += [
        Monitor(FIRST_ID, "Platform", "https://app.datainsightpro.example", "HTTP", 30, opened, ("production",)),
        Monitor(FIRST_ID + 1, "API", "https://api.datainsightpro.example/health", "KEYWORD", 30, opened,
                ("production",), ((paused, paused + 40 * MINUTE),)),
        Monitor(FIRST_ID + 2, "Status page", "https://status.datainsightpro.example", "HTTP", 300, opened,
                ("staging",)),
    ]  # fmt: skip
    for position in (0, 1):
        for day in scene.all_days():
            r = scene.stream("blip", position, day)
            if r.random() < BLIPS_A_DAY:
                at = scene.days.at(day, 600 + r.random() * 80_000)
                _incident(world, position, at, between(r, 30 * SECOND, 150 * SECOND))
    _story(world, scene)
    world.incidents.sort(key=lambda incident: (incident.started_at, incident.id))
    world.maintenance += [
        MaintenanceWindow(9001, "Database upgrade", (FIRST_ID, FIRST_ID + 1), scene.ago(48, 2.0), 90),
        MaintenanceWindow(9002, "Certificates", (FIRST_ID,), scene.ago(9, 3.0), 30),
    ]


def _story(world: World, scene: Scene) -> None:
    """The long outage of both; exactly 36 s in an hour (1 %), and 37 s; one over midnight; one in the maintenance."""
    _incident(world, 0, scene.outage, 52 * MINUTE)
    _incident(world, 1, scene.outage + 4 * MINUTE, 61 * MINUTE)
    _incident(world, 0, scene.ago(26, 15.0), 36 * SECOND)
    _incident(world, 0, scene.ago(27, 15.0), 37 * SECOND)
    _incident(world, 1, scene.ago(40, 0.0) - 4 * MINUTE, 9 * MINUTE)
    _incident(world, 0, scene.ago(48, 3.2), 30 * MINUTE)
    _incident(world, 2, scene.ago(13, 9.0), 200 * MINUTE)


def _incident(world: World, position: int, at: datetime, length: timedelta) -> None:
    at = whole_second(at)
    world.incidents.append(
        MonitorIncident(
            id=f"{int(at.timestamp())}{position:02d}",
            monitor_id=FIRST_ID + position,
            type="Downtime",
            cause=333_333,
            reason="Connection Timeout",
            started_at=at,
            resolved_at=at + length,
        )
    )
