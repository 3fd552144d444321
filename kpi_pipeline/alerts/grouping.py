"""What waits to be told becomes messages: one for a channel, its recipients and a run, after a moment's wait.

1. Several unsent notices of one episode of an alert become one, or none when it came and went.
2. What is told of an alert waits while an earlier message about it has not arrived in that channel.
3. A group leaves `group_wait` after its first notice and `group_interval` after its last message, as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from kpi_pipeline.alerts.collapse import collapsed, stands
from kpi_pipeline.alerts.dispatches import PENDING, unfinished
from kpi_pipeline.alerts.ledger import IDENTITY, fingerprint
from kpi_pipeline.alerts.message import Told
from kpi_pipeline.alerts.tables import delivery, dispatch, notice
from kpi_pipeline.catalogue.model import Company

WAITING, GROUPED, CANCELLED = "waiting", "grouped", "cancelled"
Key = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is in no message yet."""

    id: int
    channel: str
    recipients: tuple[str, ...]
    run_id: str
    due_at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Group:
    """Deliveries that leave as one message: those that it tells, and those that they made old."""

    channel: str
    recipients: tuple[str, ...]
    run_id: str
    due_at: datetime
    kept: tuple[Waiting, ...]
    absorbed: tuple[Waiting, ...] = ()

    @property
    def key(self) -> Key:
        return self.channel, tuple(sorted(self.recipients)), self.run_id

    @property
    def id(self) -> str:
        """The same for the same notices in the same channel."""
        return fingerprint(self.channel, *sorted(each.told.notice_id for each in (*self.kept, *self.absorbed)))


@dataclass(frozen=True, slots=True)
class Plan:
    """The groups that leave now, and the deliveries that never will."""

    groups: tuple[Group, ...] = ()
    cancelled: tuple[Waiting, ...] = ()


def plan(connection: Connection, company: Company, now: datetime, *, flush: bool = False) -> Plan:
    """What may leave now; `flush` waits for nothing but earlier messages about the same alert."""
    rows = _waiting(connection, company.id)
    if not rows:
        return Plan()
    busy = {(each.channel, alert) for each in unfinished(connection, company.id) for alert in each.alerts}
    parts, cancelled = [], []
    for chain in _chains(rows):
        part = _as_one(chain)
        if part is None:
            cancelled += chain
        elif (part.channel, _alert(chain[0])) not in busy:
            parts.append(part)
    groups = _joined(parts)
    last = _last_left(connection, company, now) if groups else {}
    ready = [each for each in groups if flush or _is_ready(each, last.get(each.key), company, now)]
    return Plan(tuple(ready), tuple(cancelled))


def carry_out(connection: Connection, company: Company, found: Plan, now: datetime) -> None:
    """Make each group a dispatch, which from then on has its id whatever happens."""
    _set(connection, found.cancelled, {"status": CANCELLED})
    for group in found.groups:
        connection.execute(
            insert(dispatch).values(
                id=group.id,
                company=company.id,
                channel=group.channel,
                recipients=list(group.recipients),
                run_id=group.run_id,
                status=PENDING,
                attempts=0,
                created_at=now,
                due_at=now,
            )
        )
        _set(connection, group.kept, {"status": GROUPED, "dispatch_id": group.id})
        _set(connection, group.absorbed, {"status": CANCELLED, "dispatch_id": group.id})


def _set(connection: Connection, rows: Iterable[Waiting], values: dict[str, str]) -> None:
    ids = [row.id for row in rows]
    if ids:
        connection.execute(update(delivery).where(delivery.c.id.in_(ids)).values(values))


def _waiting(connection: Connection, company: str) -> list[Waiting]:
    columns = (*(notice.c[name] for name in IDENTITY), notice.c.episode, notice.c.reason, notice.c.level)
    query = (
        select(*columns, notice.c.content, notice.c.created_at, notice.c.run_id, delivery)
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(notice.c.company == company, delivery.c.status == WAITING)
        .order_by(notice.c.created_at, delivery.c.id)
    )
    return [_row(row._mapping) for row in connection.execute(query)]


def _row(row: Any) -> Waiting:
    told = Told(**{name: row[name] for name in Told.__slots__})
    return Waiting(row["id"], row["channel"], tuple(row["recipients"]), row["run_id"], row["due_at"], told)


def _chains(rows: Sequence[Waiting]) -> list[list[Waiting]]:
    """Deliveries to one channel that may become one: those of one episode of an alert that tell where it stands."""
    found: dict[tuple[object, ...], list[Waiting]] = {}
    for row in rows:
        own = (row.told.episode,) if stands(row.told) else (row.told.episode, row.told.notice_id)
        found.setdefault((row.channel, _alert(row), *own), []).append(row)
    return list(found.values())


def _alert(row: Waiting) -> tuple[str, str, str]:
    return row.told.subject, row.told.rule, row.told.segment


def _as_one(chain: Sequence[Waiting]) -> Group | None:
    if collapsed([row.told for row in chain]) is None:
        return None
    newest = chain[-1]
    recipients = tuple(dict.fromkeys(name for row in chain for name in row.recipients))
    due_at = min(row.due_at for row in chain)
    return Group(newest.channel, recipients, newest.run_id, due_at, (newest,), tuple(chain[:-1]))


def _joined(parts: Iterable[Group]) -> list[Group]:
    found: dict[Key, Group] = {}
    for part in parts:
        group = found.get(part.key)
        found[part.key] = (
            part
            if group is None
            else replace(
                group,
                due_at=min(group.due_at, part.due_at),
                kept=(*group.kept, *part.kept),
                absorbed=(*group.absorbed, *part.absorbed),
            )
        )
    return list(found.values())


def _last_left(connection: Connection, company: Company, now: datetime) -> dict[Key, datetime]:
    """When the last message of each group was made, of those within the group interval."""
    query = select(dispatch.c.channel, dispatch.c.recipients, dispatch.c.run_id, dispatch.c.created_at).where(
        dispatch.c.company == company.id,
        dispatch.c.fallback_of.is_(None),
        dispatch.c.created_at > now - company.alerts.group_interval,
    )
    rows = connection.execute(query.order_by(dispatch.c.created_at))
    return {(row.channel, tuple(sorted(row.recipients)), row.run_id): row.created_at for row in rows}


def _is_ready(group: Group, last: datetime | None, company: Company, now: datetime) -> bool:
    if group.due_at > now:
        return False
    return last is None or now >= last + company.alerts.group_interval
