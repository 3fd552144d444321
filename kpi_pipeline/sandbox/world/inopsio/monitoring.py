"""The monitors behind the status page, their outages and approved maintenance."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident, World

PLATFORM, API, DOCS = 801_000_001, 801_000_002, 801_000_003
MINUTE = timedelta(minutes=1)
BLIP = {PLATFORM: 0.05, API: 0.06, DOCS: 0.10}  # chance a day


def fill(world: World, scene: Scene) -> None:
    old = scene.starts_at - timedelta(days=400)
    world.monitors += [
        Monitor(PLATFORM, "Platform", "https://app.inopsio.example", "HTTP", 60, old, ("production",)),
        Monitor(API, "API", "https://api.inopsio.example/health", "KEYWORD", 60, old, ("production",)),
        Monitor(DOCS, "Docs", "https://docs.inopsio.example", "HTTP", 300, old, ("website",)),
    ]
    for monitor, chance in BLIP.items():
        for day in scene.all_days():
            r = scene.stream("blip", monitor, day)
            if r.random() < chance:
                _outage(world, monitor, scene.days.at(day, int(r.random() * 86_000)), between(r, MINUTE, 6 * MINUTE))
    # Platform and API together, overlapping: counted once. The longer one costs the 30 days after it the target.
    _outage(world, PLATFORM, scene.ago(52, 13.5), 47 * MINUTE)
    _outage(world, API, scene.ago(52, 13.75), 55 * MINUTE)
    _outage(world, API, scene.ago(9, 1.25), 40 * MINUTE)  # inside the maintenance below: not down
    _outage(world, PLATFORM, scene.ago(33, 4), 90 * MINUTE, in_reports=False)  # the monitor's own fault
    world.incidents.sort(key=lambda incident: (incident.started_at, incident.id))
    world.maintenance += [
        MaintenanceWindow(4101, "Database upgrade", (PLATFORM, API), scene.ago(9, 1), 120),
        MaintenanceWindow(4102, "Network", (PLATFORM, API), scene.ago(-21, 2), 60),
    ]


def _outage(world: World, monitor: int, at: datetime, length: timedelta, *, in_reports: bool = True) -> None:
    world.incidents.append(
        MonitorIncident(
            id=f"{int(at.timestamp())}{monitor % 10}",
            monitor_id=monitor,
            type="Downtime",
            cause=502,
            reason="Bad Gateway",
            started_at=at,
            resolved_at=at + length,
            include_in_reports=in_reports,
        )
    )
