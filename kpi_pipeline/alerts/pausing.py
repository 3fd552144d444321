"""Pausing a rule: it is not judged and tells nothing until somebody resumes it; lists and reports say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, select

from kpi_pipeline.alerts import ledger
from kpi_pipeline.alerts.ledger import IDENTITY, identity_of
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.tables import alert_event
from kpi_pipeline.errors import UsageError

PAUSED, RESUMED = "paused_by_hand", "resumed_by_hand"


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused a rule, since when, and why."""

    author: str
    reason: str
    at: datetime


def pause(connection: Connection, state: AlertState, *, author: str, reason: str, now: datetime) -> AlertState:
    """Stop judging and telling; unlike a silence it has no end, so somebody has to resume it.

    Raises UsageError when it is paused already, or author or reason are missing.
    """
    return _turn(connection, state, True, author=author, reason=reason, now=now)


def resume(connection: Connection, state: AlertState, *, author: str, reason: str, now: datetime) -> AlertState:
    """Judge it again, beginning with what was measured meanwhile; raises UsageError when it is not paused."""
    return _turn(connection, state, False, author=author, reason=reason, now=now)


def current(connection: Connection, state: AlertState) -> Pause | None:
    """Who paused it last; None when it is not paused."""
    if not state.paused:
        return None
    same = and_(*(alert_event.c[name] == value for name, value in zip(IDENTITY, identity_of(state), strict=True)))
    query = select(alert_event).where(same, alert_event.c.why == PAUSED).order_by(alert_event.c.id.desc()).limit(1)
    row = connection.execute(query).one()
    return Pause(row.author, row.reason, row.at)


def _turn(
    connection: Connection, state: AlertState, paused: bool, *, author: str, reason: str, now: datetime
) -> AlertState:
    word = "pausing" if paused else "resuming"
    faults = {
        f"it is {'already' if paused else 'not'} paused": state.paused == paused,
        "the author is missing": not author.strip(),
        "the reason is missing": not reason.strip(),
    }
    for fault, is_so in faults.items():
        if is_so:
            doing = f"{word} {state.subject} ({state.rule}) of {state.company}"
            raise UsageError(doing, fault, remedy=f"See kpi alerts list {state.company} --all")
    after = replace(state, paused=paused)
    why = PAUSED if paused else RESUMED
    ledger.save(connection, state, after, why, day=None, now=now, author=author.strip(), reason=reason.strip())
    return after
