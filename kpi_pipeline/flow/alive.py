"""Whether a company is still being judged: the dead-man's switch behind `kpi doctor` and the heartbeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.alerts import clockwork
from kpi_pipeline.alerts.channels.heartbeat import ping
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import answering

JUDGED_WITHIN = timedelta(hours=12)  # twice the schedule's interval
WATCHED_WITHIN = timedelta(minutes=10)  # a pass a minute; one that waits for a busy database is not dead


@dataclass(frozen=True, slots=True)
class Pulse:
    """When KPIs were last judged and alerts last watched; None for never. `alive`: both not long ago."""

    judged_at: datetime | None
    watched_at: datetime | None
    alive: bool


def pulse(workspace: Workspace, company: Company) -> Pulse:
    """Of one company, from what evaluations left in history. Raises StoreUnavailable."""
    engine, now = workspace.history.engine, workspace.now
    with answering(engine, f"reading when {company.id} was last judged"), engine.connect() as connection:
        marks = clockwork.all_of(connection, company.id)
    judged = max((at for kind, at in marks.items() if kind.startswith("kpi:")), default=None)
    watched = marks.get(clockwork.WATCH)
    is_alive = _within(judged, JUDGED_WITHIN, now) and _within(watched, WATCHED_WITHIN, now)
    return Pulse(judged, watched, is_alive)


def beat(workspace: Workspace, company: Company) -> bool:
    """Ping the company's heartbeat when it is alive; False when it has none, or is not.

    Raises DeliveryDelayed when the address does not answer, SettingsError when its variable is not set.
    """
    variable = company.alerts.heartbeat
    if variable is None or not pulse(workspace, company).alive:
        return False
    ping(workspace.settings.secrets((variable,))[variable].reveal(), variable)
    return True


def _within(at: datetime | None, span: timedelta, now: datetime) -> bool:
    return at is not None and now - at <= span
