"""UptimeRobot's records as of an instant: world record + now → the JSON that API v3 would show.

Shapes follow the vendor's OpenAPI file (github.com/uptimerobot/uptimerobot-cli, openapi/openapi.yaml). It leaves the
spelling of an incident's status and type open; here they are "Resolved" or "Ongoing" and what the world says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kpi_pipeline.sandbox.vendors.wire import iso_milliseconds
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident

DOUBT = timedelta(seconds=60)
"""How long a monitor LOOKS_DOWN before it is confirmed DOWN."""
ANNOUNCED = timedelta(days=7)
"""How long before its start a maintenance window was entered."""
_COLOURS = ("#3bd671", "#687790", "#f29030", "#df484a")


def exists(monitor: Monitor, now: datetime) -> bool:
    return monitor.created_at <= now and (monitor.deleted_at is None or monitor.deleted_at > now)


def status(monitor: Monitor, incidents: list[MonitorIncident], now: datetime) -> tuple[str, datetime]:
    """The monitor's status and since when: PAUSED, STARTED, UP, LOOKS_DOWN or DOWN. `incidents` are its own."""
    for start, end in monitor.pauses:
        if start <= now and (end is None or end > now):
            return "PAUSED", start
    for incident in incidents:
        if incident.started_at <= now and (incident.resolved_at is None or incident.resolved_at > now):
            return ("LOOKS_DOWN" if now - incident.started_at < DOUBT else "DOWN"), incident.started_at
    ends = [end for _, end in monitor.pauses if end is not None and end <= now]
    ends += [incident.resolved_at for incident in incidents if incident.resolved_at and incident.resolved_at <= now]
    if not ends and now - monitor.created_at < timedelta(seconds=monitor.interval_s):
        return "STARTED", monitor.created_at
    return "UP", max(ends, default=monitor.created_at)


def monitor_item(monitor: Monitor, incidents: list[MonitorIncident], now: datetime) -> dict[str, Any]:
    """An item of GET /monitors. `groupId` 0 is the vendor's word for ungrouped."""
    state, since = status(monitor, incidents, now)
    begun = [incident for incident in incidents if incident.started_at <= now]
    last = max(begun, key=lambda incident: incident.started_at, default=None)
    return {
        "id": monitor.id,
        "friendlyName": monitor.name,
        "url": monitor.url,
        "type": monitor.type,
        "interval": monitor.interval_s,
        "timeout": 30,
        "gracePeriod": 0,
        "status": state,
        "currentStateDuration": int((now - since).total_seconds()),
        "lastIncidentId": last.id if last else None,
        "lastIncident": None if last is None else incident_head(last, now),
        "groupId": 0,
        "tags": [
            {"id": index + 1, "name": tag, "color": _COLOURS[index % len(_COLOURS)]}
            for index, tag in enumerate(monitor.tags)
        ],
        "createDateTime": iso_milliseconds(monitor.created_at),
        "followRedirections": True,
        "checkSSLErrors": monitor.url.startswith("https"),
        "regionalData": {"REGION": ["eu"], "MANUAL": []},
    }


def incident_head(incident: MonitorIncident, now: datetime) -> dict[str, Any]:
    """What /monitors, /incidents and /incidents/{id} all say. `duration` is null while it lasts."""
    resolved = incident.resolved_at if incident.resolved_at and incident.resolved_at <= now else None
    return {
        "id": incident.id,
        "status": "Resolved" if resolved else "Ongoing",
        "cause": incident.cause,
        "reason": incident.reason,
        "startedAt": iso_milliseconds(incident.started_at),
        "resolvedAt": iso_milliseconds(resolved) if resolved else None,
        "duration": int((resolved - incident.started_at).total_seconds()) if resolved else None,
    }


def incident_item(incident: MonitorIncident, monitor: Monitor, now: datetime) -> dict[str, Any]:
    """An item of GET /incidents."""
    return {
        **incident_head(incident, now),
        "type": incident.type,
        "monitor": {"id": monitor.id, "friendlyName": monitor.name},
        "commentsCount": 0,
        "includeInReports": incident.include_in_reports,
    }


def incident_detail(incident: MonitorIncident, monitor: Monitor, now: datetime) -> dict[str, Any]:
    """GET /incidents/{id}: the item with its root cause."""
    code = incident.cause if 100 <= incident.cause <= 599 else None
    cause = {"url": monitor.url, "requestHeaders": None, "responseHeaders": None, "httpResponseCode": code}
    return {**incident_item(incident, monitor, now), "rootCause": {**cause, "responseDownloadUrl": None}}


def maintenance_item(window: MaintenanceWindow) -> dict[str, Any]:
    """An item of GET /maintenance-windows. `duration` is minutes; date and time are UTC, this account's time zone."""
    start = window.start.astimezone(UTC)
    days = {"weekly": [start.isoweekday()], "monthly": [start.day]}.get(window.interval, [])
    return {
        "id": window.id,
        "userId": 1,
        "name": window.name,
        "interval": window.interval,
        "date": f"{start:%Y-%m-%d}" if window.interval == "once" else None,
        "time": f"{start:%H:%M:%S}",
        "duration": window.duration_min,
        "autoAddMonitors": False,
        "monitorIds": list(window.monitor_ids),
        "days": days,
        "status": "active",
        "created": iso_milliseconds(window.start - ANNOUNCED),
    }
