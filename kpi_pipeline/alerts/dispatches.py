"""The messages of the outbox as rows: which may leave next, whose they are, and what became of them.

A dispatch is pending (waits for its time), unanswered (nobody was there: it waits for its time, or until the channel
answers again), claimed (somebody is sending it), sent, or dead (given up; kept, shown, can be replayed).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from kpi_pipeline.alerts.collapse import collapsed, stands
from kpi_pipeline.alerts.ledger import IDENTITY
from kpi_pipeline.alerts.message import Earlier, Told
from kpi_pipeline.alerts.tables import delivery, dispatch, notice

CLAIM_EXPIRES = timedelta(minutes=5)
PENDING, UNANSWERED, CLAIMED, SENT, DEAD = "pending", "unanswered", "claimed", "sent", "dead"
OPEN = (PENDING, UNANSWERED, CLAIMED)
ALERT = (notice.c.subject, notice.c.rule, notice.c.segment)
Alert = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message on its way through one channel; `alerts` are those that it tells about.

    `reached` are the recipients who have it already, though others do not.
    """

    id: str
    channel: str
    recipients: tuple[str, ...]
    status: str
    attempts: int
    created_at: datetime
    due_at: datetime
    claimed_at: datetime | None
    fallback_of: str | None
    reached: tuple[str, ...]
    alerts: frozenset[Alert]

    @property
    def left(self) -> tuple[str, ...]:
        """The recipients who still have to get it."""
        return tuple(each for each in self.recipients if each not in self.reached)

    @property
    def origin(self) -> str:
        """The dispatch whose notices it carries: itself, or the one that it stands in for."""
        return self.id if self.fallback_of is None else self.fallback_of


def unfinished(connection: Connection, company: str, channel: str | None = None) -> list[Dispatch]:
    """Those that have still to arrive, in the order in which they were queued."""
    which = [dispatch.c.company == company, dispatch.c.status.in_(OPEN)]
    if channel is not None:
        which.append(dispatch.c.channel == channel)
    alerts: dict[str, set[Alert]] = {}
    told = (
        select(dispatch.c.id, *ALERT)
        .join(delivery, delivery.c.dispatch_id == func.coalesce(dispatch.c.fallback_of, dispatch.c.id))
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(*which)
    )
    for key, subject, rule, segment in connection.execute(told):
        alerts.setdefault(key, set()).add((subject, rule, segment))
    rows = connection.execute(select(dispatch).where(*which).order_by(dispatch.c.created_at, dispatch.c.id))
    return [_dispatch(row, alerts.get(row.id, ())) for row in rows]


def next_of(
    waiting: Sequence[Dispatch], now: datetime, *, answered: bool = False, tried: Collection[str] = ()
) -> Dispatch | None:
    """The first dispatch of one channel that may leave: it is due, and no earlier one tells of the same alert.

    Once the channel has `answered`, those that found nobody there need not wait for their time. Pure.
    """
    earlier: set[Alert] = set()
    for each in waiting:
        if each.id not in tried and not earlier & each.alerts and _may_leave(each, now, answered):
            return each
        earlier |= each.alerts
    return None


def claim(connection: Connection, found: Dispatch, now: datetime) -> bool:
    """Take a dispatch unless somebody else did since it was read; the attempt counts even when we die in it."""
    same = dispatch.c.claimed_at.is_(None) if found.claimed_at is None else dispatch.c.claimed_at == found.claimed_at
    unchanged = and_(dispatch.c.id == found.id, dispatch.c.status == found.status, same)
    taken = update(dispatch).where(unchanged).values(status=CLAIMED, claimed_at=now, attempts=found.attempts + 1)
    return connection.execute(taken).rowcount == 1


def told_in(connection: Connection, origin: str) -> list[Told]:
    """The notices that a dispatch tells, in the order in which they were made; several of one alert as one."""
    columns = (*(notice.c[name] for name in IDENTITY), notice.c.episode, notice.c.reason, notice.c.level)
    query = (
        select(*columns, notice.c.content, notice.c.created_at, notice.c.id.label("notice_id"))
        .join(delivery, delivery.c.notice_id == notice.c.id)
        .where(delivery.c.dispatch_id == origin)
        .order_by(notice.c.created_at, delivery.c.id)
    )
    return as_told([Told(**row._mapping) for row in connection.execute(query)])


def as_told(found: Iterable[Told]) -> list[Told]:
    """Several notices of one episode of an alert as the one that is told; each of the others as it is."""
    chains: dict[tuple[object, ...], list[Told]] = {}
    for each in found:
        key = (each.alert_key, each.episode) if stands(each) else (each.notice_id,)
        chains.setdefault(key, []).append(each)
    left = [told for chain in chains.values() if (told := collapsed(chain)) is not None]
    return sorted(left, key=lambda told: told.created_at)


def first_messages(connection: Connection, found: Dispatch, told: Iterable[Told]) -> list[Earlier | None]:
    """Of each notice the first message that this channel got about its alert's present episode; None: it heard nothing
    yet."""
    return [_first(connection, found, each) for each in told]


def mark_sent(
    connection: Connection, found: Dispatch, reference: str | None, now: datetime, *, remark: str | None = None
) -> None:
    """It arrived; that holds even when the claim had expired and somebody else took it since."""
    values = {"status": SENT, "sent_at": now, "reference": reference, "error": remark, "claimed_at": None}
    connection.execute(update(dispatch).where(dispatch.c.id == found.id).values(values))


def mark_open(
    connection: Connection,
    found: Dispatch,
    claimed_at: datetime,
    *,
    error: str,
    due_at: datetime,
    unanswered: bool,
    reached: Sequence[str],
) -> None:
    """It did not arrive everywhere and is tried again, unless the claim is no longer ours."""
    status = UNANSWERED if unanswered else PENDING
    _finish(connection, found, claimed_at, reached, {"status": status, "error": error, "due_at": due_at})


def mark_dead(
    connection: Connection, found: Dispatch, claimed_at: datetime, *, error: str, reached: Sequence[str]
) -> bool:
    """It is given up, unless the claim is no longer ours; whether it was."""
    return _finish(connection, found, claimed_at, reached, {"status": DEAD, "error": error})


def postpone(connection: Connection, company: str, channel: str, until: datetime) -> None:
    """Nothing more to a channel that said when to come back."""
    waits = and_(
        dispatch.c.company == company,
        dispatch.c.channel == channel,
        dispatch.c.status.in_((PENDING, UNANSWERED)),
        dispatch.c.due_at < until,
    )
    connection.execute(update(dispatch).where(waits).values(due_at=until, status=PENDING))


def _first(connection: Connection, found: Dispatch, told: Told) -> Earlier | None:
    query = (
        select(dispatch.c.id, dispatch.c.reference)
        .join(delivery, delivery.c.dispatch_id == dispatch.c.id)
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(
            *(notice.c[name] == getattr(told, name) for name in (*IDENTITY, "episode")),
            dispatch.c.channel == found.channel,
            dispatch.c.status == SENT,
            dispatch.c.id != found.origin,
        )
        .order_by(dispatch.c.created_at, dispatch.c.id)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Earlier(row.id, row.reference)


def _finish(
    connection: Connection, found: Dispatch, claimed_at: datetime, reached: Sequence[str], values: dict[str, Any]
) -> bool:
    ours = and_(dispatch.c.id == found.id, dispatch.c.status == CLAIMED, dispatch.c.claimed_at == claimed_at)
    have = sorted({*found.reached, *reached})
    kept = {**values, "claimed_at": None, "reference": json.dumps(have) if have else None}
    return connection.execute(update(dispatch).where(ours).values(kept)).rowcount == 1


def _may_leave(each: Dispatch, now: datetime, answered: bool) -> bool:
    if each.status == CLAIMED:
        return each.claimed_at is not None and each.claimed_at <= now - CLAIM_EXPIRES
    return each.due_at <= now or (answered and each.status == UNANSWERED)


def _dispatch(row: Any, alerts: Iterable[Alert]) -> Dispatch:
    return Dispatch(
        row.id,
        row.channel,
        tuple(row.recipients),
        row.status,
        row.attempts,
        row.created_at,
        row.due_at,
        row.claimed_at,
        row.fallback_of,
        () if row.reference is None else tuple(json.loads(row.reference)),
        frozenset(alerts),
    )
