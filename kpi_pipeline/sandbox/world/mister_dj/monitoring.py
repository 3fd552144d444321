"""Monitors, their incidents and maintenance."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi_pipeline.sandbox.world.days import DAY, whole_second
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident, World

FIRST_ID = 777_749_809
OTHERS = 60
REQUIRED = ("Website", "API /health")
BLIPS_A_DAY = {"Website": 0.10, "API /health": 0.08}
MINUTE = timedelta(minutes=1)
REASONS = ((333_333, "Connection Timeout"), (500, "Internal Server Error"), (502, "Bad Gateway"), (503, "Unavailable"))
SERVICES = ("planner", "mail", "cdn", "media", "partner", "venue")


def fill(world: World, scene: Scene) -> None:
    world.monitors += _monitors(scene)
    for position, monitor in enumerate(world.monitors):
        chance = BLIPS_A_DAY.get(monitor.name, 0.02 if position % 3 == 0 else 0.0)
        for day in scene.all_days() if chance else ():
            r = scene.stream("blip", position, day)
            at = scene.days.at(day, r.random() * 86_000)
            if r.random() < chance and at > monitor.created_at and not _paused(monitor, at):
                short = monitor.name in REQUIRED
                length = between(r, 90 * MINUTE / 60, 5 * MINUTE) if short else between(r, MINUTE, 50 * MINUTE)
                _incident(world, position, at, length, *r.choice(REASONS))
    _story(world, scene)
    world.incidents.sort(key=lambda incident: (incident.started_at, incident.id))
    world.maintenance += _maintenance(scene)


def _monitors(scene: Scene) -> list[Monitor]:
    old = scene.starts_at - 700 * DAY
    paused_api = scene.days.at(scene.story.monday - 70 * DAY, 22 * 3600)
    found = [
        Monitor(FIRST_ID, "Website", "https://www.misterdj.example.nl", "HTTP", 60, old, ("production",)),
        Monitor(FIRST_ID + 1, "API /health", "https://api.misterdj.example.nl/health", "KEYWORD", 60,
                scene.starts_at + 9 * DAY, ("production",), ((paused_api, paused_api + 100 * MINUTE),)),
    ]  # fmt: skip
    for number in range(OTHERS):
        name = f"{SERVICES[number % len(SERVICES)]}-{number // len(SERVICES) + 1:02d}"
        pauses = ((scene.starts_at + 30 * DAY, None),) if number == 17 else ()
        found.append(
            Monitor(
                id=FIRST_ID + 2 + number,
                name=name,
                url=f"https://{name}.misterdj.example.nl",
                type=("HTTP", "PING", "PORT", "HEARTBEAT")[number % 4],
                interval_s=300,
                created_at=old + number * DAY,
                tags=("staging",) if number % 5 == 0 else ("production",),
                pauses=pauses,
                deleted_at=scene.days.at(scene.story.monday - 55 * DAY, 50_000) if number == 44 else None,
            )
        )
    return found


def _story(world: World, scene: Scene) -> None:
    """The outages, one false alarm that is left out of reports, and a network failure that hit many in one second."""
    for outage in scene.story.outages:
        position = REQUIRED.index(outage.monitor)
        _incident(world, position, outage.start, outage.end - outage.start, 333_333, outage.reason)
    anchor = scene.story.anchor
    alarm = scene.days.at(anchor - 18 * DAY, 3 * 3600)
    _incident(world, 0, alarm, 170 * MINUTE, 403, "Blocked by firewall", include_in_reports=False)
    network = scene.days.at(scene.story.monday - 90 * DAY, 14 * 3600)
    for position in range(2, 46, 2):
        _incident(world, position, network, (6 + position % 5) * MINUTE, 333_333, "Connection Timeout")
    during_maintenance = scene.days.at(anchor - 15 * DAY, 5 * 3600 - 600)
    _incident(world, 0, during_maintenance, 45 * MINUTE, 503, "Unavailable")


def _maintenance(scene: Scene) -> list[MaintenanceWindow]:
    """Two releases of the website (the last one 15 days ago, with an incident in it) and a weekly one elsewhere."""
    anchor, both = scene.story.anchor, (FIRST_ID, FIRST_ID + 1)
    return [
        MaintenanceWindow(4001, "Release 4.0", both, scene.days.at(scene.story.monday - 160 * DAY, 2 * 3600), 120),
        MaintenanceWindow(4002, "Release 4.1", (FIRST_ID,), scene.days.at(anchor - 15 * DAY, 4.5 * 3600), 90),
        MaintenanceWindow(4003, "Back-up", (FIRST_ID + 5,), scene.days.at(scene.first, 3 * 3600), 30, "weekly"),
        MaintenanceWindow(4004, "Verhuizing", both, scene.days.at(anchor + 30 * DAY, 2 * 3600), 180),
    ]


def _paused(monitor: Monitor, at: datetime) -> bool:
    return any(start <= at and (end is None or at < end) for start, end in monitor.pauses)


def _incident(
    world: World,
    position: int,
    at: datetime,
    length: timedelta,
    cause: int,
    reason: str,
    *,
    include_in_reports: bool = True,
) -> None:
    at = whole_second(at)
    world.incidents.append(
        MonitorIncident(
            id=f"{int(at.timestamp())}{position:02d}",
            monitor_id=FIRST_ID + position,
            type="Downtime",
            cause=cause,
            reason=reason,
            started_at=at,
            resolved_at=at + timedelta(seconds=int(length.total_seconds())),
            include_in_reports=include_in_reports,
        )
    )
