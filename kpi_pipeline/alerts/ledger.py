"""Alert states, their log, and notices in the history database, written in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

from sqlalchemy import Connection, and_, delete, insert, select, update

from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.routes import Route
from kpi_pipeline.alerts.tables import alert_event, alert_state, delivery, notice

IDENTITY = ("company", "subject", "rule", "segment")
NAMES = tuple(field.name for field in fields(AlertState))
KEPT = tuple(name for name in NAMES if name not in IDENTITY)
HINTS = get_type_hints(AlertState)


def load(connection: Connection, company: str, subject: str, rule: str, segment: str = "") -> AlertState:
    """Where a rule stands; a rule never judged stands at ok."""
    identity = (company, subject, rule, segment)
    row = connection.execute(select(alert_state).where(_is(identity))).one_or_none()
    return AlertState(*identity) if row is None else _state(row)


def load_segments(connection: Connection, company: str, subject: str, rule: str) -> dict[str, AlertState]:
    """Where a rule stands in each segment that it was judged in."""
    same = and_(alert_state.c.company == company, alert_state.c.subject == subject, alert_state.c.rule == rule)
    return {state.segment: state for state in map(_state, connection.execute(select(alert_state).where(same)))}


def load_all(connection: Connection, company: str) -> list[AlertState]:
    """Every state of a company, by subject, rule and segment."""
    query = select(alert_state).where(alert_state.c.company == company)
    ordered = query.order_by(alert_state.c.subject, alert_state.c.rule, alert_state.c.segment)
    return [_state(row) for row in connection.execute(ordered)]


def save(
    connection: Connection,
    before: AlertState,
    after: AlertState,
    why: str,
    *,
    day: date | None,
    now: datetime,
    author: str | None = None,
    reason: str | None = None,
) -> None:
    """Keep a state and log what changed in it; a state that did not change writes nothing.

    `author` and `reason` are those of a person who changed it.
    """
    changes = changes_of(before, after)
    if not changes:
        return
    identity = identity_of(after)
    if before == AlertState(*identity):
        connection.execute(delete(alert_state).where(_is(identity)))
        connection.execute(insert(alert_state).values(asdict(after)))
    else:
        kept = {name: getattr(after, name) for name in changes}
        connection.execute(update(alert_state).where(_is(identity)).values(kept))
    log = dict(zip(IDENTITY, identity, strict=True))
    event = {"day": day, "level": after.actual, "why": why[:64], "at": now, "changes": changes}
    event |= {"author": author, "reason": reason}
    connection.execute(insert(alert_event).values(**log, **event))


def replay(connection: Connection, company: str, subject: str, rule: str, segment: str = "") -> AlertState:
    """The state that the log alone gives: every change ever logged, in order."""
    identity = (company, subject, rule, segment)
    found: dict[str, Any] = {}
    query = select(alert_event.c.changes).where(_is(identity, alert_event)).order_by(alert_event.c.id)
    for (changes,) in connection.execute(query):
        found.update(changes)
    values = {name: _read(HINTS[name], text) for name, text in found.items()}
    return AlertState(*identity, **values)


def announce(
    connection: Connection,
    state: AlertState,
    told: Notice,
    sequence: int,
    *,
    content: Mapping[str, Any],
    routes: Iterable[Route],
    run_id: str,
    now: datetime,
    due_at: datetime,
) -> str:
    """Put a notice and one delivery per channel into the outbox; returns the notice's id.

    The id is a fingerprint of alert, episode and sequence, so what is announced again after a crash, or by two
    evaluators at once, is the same notice.
    """
    notice_id = fingerprint(*identity_of(state), str(state.episode), str(sequence))
    connection.execute(
        insert(notice).values(
            **dict(zip(IDENTITY, identity_of(state), strict=True)),
            id=notice_id,
            episode=state.episode,
            reason=told.reason,
            level=told.level,
            content=dict(content),
            run_id=run_id,
            created_at=now,
        )
    )
    rows = [
        {
            "notice_id": notice_id,
            "channel": route.channel,
            "recipients": list(route.recipients),
            "status": "waiting",
            "due_at": due_at,
        }
        for route in routes
    ]
    if rows:
        connection.execute(insert(delivery), rows)
    return notice_id


def told_of_episode(connection: Connection, state: AlertState) -> list[Route]:
    """Where the notices of an alert went since it fired, in order."""
    query = (
        select(delivery.c.channel, delivery.c.recipients)
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(_is(identity_of(state), notice), notice.c.episode == state.episode)
        .order_by(delivery.c.id)
    )
    return [Route(row.channel, tuple(row.recipients)) for row in connection.execute(query)]


def identity_of(state: AlertState) -> tuple[str, str, str, str]:
    return (state.company, state.subject, state.rule, state.segment)


def fingerprint(*parts: str) -> str:
    """Twenty hexadecimal digits that the same parts always give."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]


def changes_of(before: AlertState, after: AlertState) -> dict[str, str | int | bool | None]:
    """The fields that differ, as JSON can hold them."""
    differing = [name for name in KEPT if getattr(before, name) != getattr(after, name)]
    return {name: _written(getattr(after, name)) for name in differing}


def _written(value: Any) -> str | int | bool | None:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value  # type: ignore[no-any-return]


def _read(hint: Any, text: Any) -> Any:
    if text is None or isinstance(text, bool | int):
        return text
    for kind, read in ((datetime, datetime.fromisoformat), (date, date.fromisoformat), (Decimal, Decimal)):
        if hint == kind | None:
            return read(text)
    return text


def _state(row: Any) -> AlertState:
    return AlertState(**{name: row._mapping[name] for name in NAMES})


def _is(identity: Sequence[str], table: Any = alert_state) -> Any:
    return and_(*(table.c[name] == value for name, value in zip(IDENTITY, identity, strict=True)))
