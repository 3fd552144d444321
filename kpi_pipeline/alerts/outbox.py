"""Delivers what is due: at least once, each channel on its own, never twice by two workers at the same time.

1. Take deliveries that are due, and those a worker claimed but never finished (it died).
2. Claim each by a conditional update; whoever updates the row owns it.
3. Send. 4. Mark sent, due again later, or dead. A crash between 3 and 4 sends the message again with the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from kpi_pipeline.alerts.channels import Sender
from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.tables import delivery, dispatch, notice
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused, KpiError
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.store import HistoryStore

CLAIM_EXPIRES = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(hours=24)

Compose = Callable[[Mapping[str, Any]], Message]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one delivery: sent, delayed (tried again at due_at) or dead (kept, shown, can be replayed)."""

    notice_id: str
    channel: str
    outcome: str
    error: str | None
    headline: str


def due(store: HistoryStore, company: str, now: datetime) -> int:
    """How many deliveries of a company wait to be sent now."""
    with answering(store.engine, "counting due deliveries"), store.engine.connect() as connection:
        waiting = select(delivery.c.id).join(notice, notice.c.id == delivery.c.notice_id)
        waits = waiting.where(notice.c.company == company, delivery.c.status == "waiting", delivery.c.due_at <= now)
        return len(_due(connection, company, now)) + len(connection.execute(waits).all())


def deliver(
    store: HistoryStore, company: str, senders: Mapping[str, Sender], compose: Compose, now: datetime
) -> list[Attempt]:
    """Send everything of a company that is due; one channel's failure neither stops nor delays another's."""
    with writing(store.engine, "reading due deliveries", company) as connection:
        _group(connection, company, now)
        rows = _due(connection, company, now)
    attempts = []
    for row in rows:
        if not _claim(store, company, row, now):
            continue
        attempts.append(_send(store, company, row, senders, compose, now))
    return attempts


def _group(connection: Connection, company: str, now: datetime) -> None:
    """Each waiting delivery becomes a dispatch of its own."""
    query = select(delivery, notice.c.run_id).join(notice, notice.c.id == delivery.c.notice_id)
    for row in connection.execute(query.where(notice.c.company == company, delivery.c.status == "waiting")).all():
        key = fingerprint(row.notice_id, row.channel)
        fields = {"company": company, "channel": row.channel, "recipients": row.recipients, "run_id": row.run_id}
        new = insert(dispatch).values(**fields, id=key, status="pending", attempts=0, created_at=now, due_at=now)
        connection.execute(new)
        grouped = update(delivery).where(delivery.c.id == row.id).values(status="grouped", dispatch_id=key)
        connection.execute(grouped)


def _due(connection: Connection, company: str, now: datetime) -> Sequence[Any]:
    waiting = and_(dispatch.c.status == "pending", dispatch.c.due_at <= now)
    abandoned = and_(dispatch.c.status == "claimed", dispatch.c.claimed_at <= now - CLAIM_EXPIRES)
    columns = (
        dispatch.c.id,
        delivery.c.notice_id,
        dispatch.c.channel,
        dispatch.c.recipients,
        dispatch.c.status,
        dispatch.c.attempts,
        dispatch.c.claimed_at,
        notice.c.subject,
        notice.c.rule,
        notice.c.reason,
        notice.c.level,
        notice.c.content,
        notice.c.created_at,
    )
    query = (
        select(*columns)
        .join(delivery, delivery.c.dispatch_id == dispatch.c.id)
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(dispatch.c.company == company, or_(waiting, abandoned))
        .order_by(notice.c.created_at, delivery.c.id)
    )
    return connection.execute(query).all()


def _claim(store: HistoryStore, company: str, row: Any, now: datetime) -> bool:
    same_claim = dispatch.c.claimed_at.is_(None) if row.claimed_at is None else dispatch.c.claimed_at == row.claimed_at
    unchanged = and_(dispatch.c.id == row.id, dispatch.c.status == row.status, same_claim)
    with writing(store.engine, f"claiming notice {row.notice_id}", company) as connection:
        claimed = connection.execute(update(dispatch).where(unchanged).values(status="claimed", claimed_at=now))
        return claimed.rowcount == 1


def _send(
    store: HistoryStore, company: str, row: Any, senders: Mapping[str, Sender], compose: Compose, now: datetime
) -> Attempt:
    tries = row.attempts + 1
    changes: dict[str, Any] = {"attempts": tries}
    headline = ""
    try:
        message = compose(row._mapping)
        headline = message.headline
        sender = senders.get(row.channel)
        if sender is None:
            raise DeliveryRefused(
                f"sending notice {row.notice_id}",
                f"the company has no channel {row.channel!r} any more",
                remedy="Restore the channel in company.yaml, then replay the notice",
            )
        sender(message, tuple(row.recipients))
    except DeliveryDelayed as error:
        wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
        if error.after_s is not None:
            wait = max(wait, timedelta(seconds=error.after_s))
        late = now + wait > row.created_at + GIVE_UP_AFTER
        changes |= {"status": "dead" if late else "pending", "due_at": now + wait, "error": str(error)}
    except KpiError as error:
        changes |= {"status": "dead", "error": str(error)}
    else:
        changes |= {"status": "sent", "sent_at": now, "error": None}
    changes["claimed_at"] = None
    with writing(store.engine, f"noting what became of notice {row.notice_id}", company) as connection:
        connection.execute(update(dispatch).where(dispatch.c.id == row.id).values(changes))
    outcome = {"pending": "delayed"}.get(changes["status"], changes["status"])
    return Attempt(row.notice_id, row.channel, outcome, changes["error"], headline)
