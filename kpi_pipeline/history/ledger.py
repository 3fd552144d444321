"""Writing observations so that they can be proved later: a digest a row, a batch a transaction, batches in a chain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from kpi_pipeline.history.chain import START, exact, link
from kpi_pipeline.history.evidence import batch
from kpi_pipeline.history.observation import Change, Recorded
from kpi_pipeline.history.tables import observation

TICK = timedelta(microseconds=1)
COLUMNS = tuple(field.name for field in fields(Recorded))


def row_digest(row: Recorded) -> str:
    """Fingerprint of a row as it was written: everything of it but when a later one took its place."""
    said = (
        row.company,
        row.kpi,
        row.day.isoformat(),
        row.segment,
        exact(row.value),
        row.text_value,
        exact(row.numerator),
        exact(row.denominator),
        row.n,
        row.status,
        row.reason,
        row.target,
        row.warning,
        row.critical,
        _instant(row.period_start),
        _instant(row.period_end),
        row.closed,
        row.provisional,
        row.definition_version,
        row.definition_hash,
        row.input_hash,
        row.run_id,
        _instant(row.recorded_at),
        row.cause,
    )
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]


def batch_digest(digests: Iterable[str]) -> str:
    """Fingerprint of the rows of one batch, whatever their order."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def batch_hash(previous: str, row: dict[str, Any]) -> str:
    """The link of a batch in the chain of its company."""
    return link(previous, {name: row[name] for name in ("company", "number", "run_id", "rows", "digest")})


def recorded_until(connection: Connection, company: str, otherwise: datetime) -> datetime:
    """When the newest batch of a company was recorded; `otherwise` when there is none."""
    newest = select(batch.c.recorded_at).where(batch.c.company == company).order_by(batch.c.number.desc()).limit(1)
    found = connection.execute(newest).scalar_one_or_none()
    return otherwise if found is None else found


def recording_moment(connection: Connection, company: str, run_id: str, now: datetime) -> datetime:
    """When a run records what it has now: never before what another run recorded already, or a past moment would come
    to know more than was told of it."""
    newest = select(batch.c.recorded_at, batch.c.run_id).where(batch.c.company == company)
    found = connection.execute(newest.order_by(batch.c.number.desc()).limit(1)).first()
    if found is None or found.recorded_at <= now:
        return now
    last: datetime = found.recorded_at
    return last if found.run_id == run_id else last + TICK


def write(connection: Connection, company: str, changes: Sequence[Change], run_id: str, now: datetime) -> None:
    """Write the changes of one company as one batch, in the caller's transaction and under its lock."""
    if not changes:
        return
    last = connection.execute(
        select(batch.c.number, batch.c.hash).where(batch.c.company == company).order_by(batch.c.number.desc()).limit(1)
    ).first()
    number, previous = (1, START) if last is None else (last.number + 1, last.hash)
    _supersede(connection, [change for change in changes if change.before is not None])
    rows = [_row(change.after, number) for change in changes]
    connection.execute(insert(observation), rows)
    content = {
        "company": company,
        "number": number,
        "run_id": run_id,
        "rows": len(rows),
        "digest": batch_digest(row["digest"] for row in rows),
    }
    newest = max(row["recorded_at"] for row in rows)
    link_ = {"previous": previous, "hash": batch_hash(previous, content), "recorded_at": max(now, newest)}
    connection.execute(insert(batch).values({**content, **link_}))


def _row(after: Recorded, number: int) -> dict[str, Any]:
    content: dict[str, Any] = {name: getattr(after, name) for name in COLUMNS}
    return content | {"digest": row_digest(after), "batch": number}


def _supersede(connection: Connection, changes: Sequence[Change]) -> None:
    if not changes:
        return
    connection.execute(
        update(observation)
        .where(
            observation.c.company == bindparam("b_company"),
            observation.c.kpi == bindparam("b_kpi"),
            observation.c.segment == bindparam("b_segment"),
            observation.c.day == bindparam("b_day"),
            observation.c.superseded_at.is_(None),
        )
        .values(superseded_at=bindparam("b_at")),
        [
            {
                "b_company": change.after.company,
                "b_kpi": change.after.kpi,
                "b_segment": change.after.segment,
                "b_day": change.after.day,
                "b_at": change.after.recorded_at,
            }
            for change in changes
        ],
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
