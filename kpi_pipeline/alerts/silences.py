"""Silences: what somebody does not want to be told for a while, with a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.matching import Labels, matches, parse_matcher
from kpi_pipeline.alerts.tables import silence
from kpi_pipeline.errors import UsageError

LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Silence:
    """Holds back notices of alerts that all its matchers match, in [starts_at, ends_at)."""

    id: str
    company: str
    matchers: tuple[tuple[str, str, str], ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str
    created_at: datetime


def add(
    connection: Connection,
    company: str,
    *,
    matchers: list[str],
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    reason: str,
    now: datetime,
) -> Silence:
    """Keep a new silence; raises UsageError for one without matcher, author, reason or a sensible end."""
    doing = f"silencing alerts of {company}"
    try:
        parsed = tuple(parse_matcher(text) for text in matchers)
    except ValueError as error:
        raise UsageError(doing, str(error), remedy="For example: --match kpi=nps_post_event") from None
    faults = {
        "no matcher was given": not parsed,
        "the end is not after the start": ends_at <= starts_at,
        "the end is past": ends_at <= now,
        f"it would last longer than {LONGEST.days} days": ends_at - starts_at > LONGEST,
        "the author is missing": not author.strip(),
        "the reason is missing": not reason.strip(),
    }
    for fault, is_so in faults.items():
        if is_so:
            raise UsageError(doing, fault, remedy="Give matchers, an end, an author and a reason")
    key = fingerprint(company, *matchers, starts_at.isoformat(), ends_at.isoformat(), author, now.isoformat())
    found = Silence(key, company, parsed, starts_at, ends_at, author, reason, now)
    connection.execute(
        insert(silence).values(
            id=key,
            company=company,
            matchers=[list(each) for each in parsed],
            starts_at=starts_at,
            ends_at=ends_at,
            author=author,
            reason=reason,
            created_at=now,
        )
    )
    return found


def end(connection: Connection, company: str, silence_id: str, *, author: str, now: datetime) -> None:
    """End a silence before its time; raises UsageError when there is none of that id in force or to come."""
    open_ = (silence.c.company == company) & (silence.c.id == silence_id) & (silence.c.ended_at.is_(None))
    ended = connection.execute(
        update(silence).where(open_, silence.c.ends_at > now).values(ended_at=now, ended_by=author)
    )
    if ended.rowcount != 1:
        raise UsageError(
            f"ending the silence {silence_id!r} of {company}",
            "there is none of that id that has not ended",
            remedy=f"See kpi alerts silences {company}",
        )


def current(connection: Connection, company: str, now: datetime, *, also_future: bool = False) -> list[Silence]:
    """Silences in force now, and those to come when asked, by start."""
    query = select(silence).where(silence.c.company == company, silence.c.ends_at > now, silence.c.ended_at.is_(None))
    if not also_future:
        query = query.where(silence.c.starts_at <= now)
    return [_silence(row) for row in connection.execute(query.order_by(silence.c.starts_at, silence.c.id))]


def silenced_until(silences: list[Silence], labels: Labels) -> datetime | None:
    """The last end of the silences that match; None when none does."""
    return max((each.ends_at for each in silences if matches(each.matchers, labels)), default=None)


def _silence(row: Any) -> Silence:
    return Silence(
        row.id,
        row.company,
        tuple((label, operator, value) for label, operator, value in row.matchers),
        row.starts_at,
        row.ends_at,
        row.author,
        row.reason,
        row.created_at,
    )
