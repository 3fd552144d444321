"""What became of one alert so far: the log of its state, its notices, and how each of them was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from kpi_pipeline.alerts.ledger import IDENTITY, identity_of
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.tables import alert_event, delivery, dispatch, notice


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state: why, on account of which day, what changed, and who did it when it was a person."""

    at: datetime
    day: date | None
    level: str
    why: str
    changes: Mapping[str, Any]
    author: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a notice in one channel: waiting, grouped, pending, sent, dead or cancelled."""

    channel: str
    status: str
    attempts: int
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A notice that was made, and its deliveries. Addresses stay in the database."""

    id: str
    at: datetime
    reason: str
    level: str
    episode: int
    deliveries: tuple[Delivered, ...]


def events_of(connection: Connection, state: AlertState, limit: int) -> list[Event]:
    """The newest changes of an alert, the newest first."""
    query = select(alert_event).where(_of(alert_event, state)).order_by(alert_event.c.id.desc()).limit(limit)
    return [
        Event(row.at, row.day, row.level, row.why, row.changes, row.author, row.reason)
        for row in connection.execute(query)
    ]


def notices_of(connection: Connection, state: AlertState, limit: int) -> list[Noted]:
    """The newest notices of an alert, the newest first, each with its deliveries by channel."""
    newest = select(notice).where(_of(notice, state)).order_by(notice.c.created_at.desc(), notice.c.id).limit(limit)
    found = []
    for row in connection.execute(newest).all():
        query = (
            select(
                delivery.c.channel,
                delivery.c.status.label("waiting"),
                dispatch.c.status,
                dispatch.c.attempts,
                dispatch.c.sent_at,
                dispatch.c.error,
            )
            .outerjoin(dispatch, dispatch.c.id == delivery.c.dispatch_id)
            .where(delivery.c.notice_id == row.id)
            .order_by(delivery.c.id)
        )
        deliveries = tuple(
            Delivered(each.channel, each.status or each.waiting, each.attempts or 0, each.sent_at, each.error)
            for each in connection.execute(query)
        )
        found.append(Noted(row.id, row.created_at, row.reason, row.level, row.episode, deliveries))
    return found


def _of(table: Any, state: AlertState) -> Any:
    return and_(*(table.c[name] == value for name, value in zip(IDENTITY, identity_of(state), strict=True)))
