"""Silences: what somebody does not want to be told for a while, with a reason and an end.

A silence holds notices back and changes nothing else: the alert still fires, lists and reports still show it.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """Holds back notices of alerts that all its matchers match, in [starts_at, ends_at), or until `ended_at`."""

    id: str
    company: str
    matchers: tuple[tuple[str, str, str], ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str
    created_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or self.ends_at <= now

    @property
    def matched(self) -> str:
        """Its matchers as they were written: 'kpi=nps_post_event severity=warning'."""
        return " ".join(f"{label}{operator}{value}" for label, operator, value in self.matchers)


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
        f"it would last longer than {LONGEST.days} days": ends_at - max(starts_at, now) > LONGEST,
        "the author is missing": not author.strip(),
        "the reason is missing": not reason.strip(),
    }
    for fault, is_so in faults.items():
        if is_so:
            raise UsageError(doing, fault, remedy="Give matchers, an end within 90 days, an author and a reason")
    instants = (each.isoformat() for each in (starts_at, ends_at, now))
    key = fingerprint(company, *matchers, *instants, author, reason)
    found = Silence(key, company, parsed, starts_at, ends_at, author.strip(), reason.strip(), now)
    connection.execute(
        insert(silence).values(
            id=key,
            company=company,
            matchers=[list(each) for each in parsed],
            starts_at=starts_at,
            ends_at=ends_at,
            author=found.author,
            reason=found.reason,
            created_at=now,
        )
    )
    return found


def end(connection: Connection, company: str, silence_id: str, *, author: str, now: datetime) -> Silence:
    """End a silence before its time, by its id or the beginning of it; raises UsageError when it has ended already."""
    doing, remedy = f"ending the silence {silence_id!r} of {company}", f"See kpi alerts silences {company}"
    if not author.strip():
        raise UsageError(doing, "the author is missing", remedy="Say who ends it")
    open_ = [each for each in listed(connection, company) if not each.is_over(now) and each.id.startswith(silence_id)]
    if len(open_) != 1 or not silence_id:
        fault = "there is none of that id that has not ended" if not open_ else "several begin like that"
        raise UsageError(doing, fault, remedy=remedy)
    connection.execute(update(silence).where(silence.c.id == open_[0].id).values(ended_at=now, ended_by=author.strip()))
    return open_[0]


def listed(connection: Connection, company: str) -> list[Silence]:
    """Every silence a company ever had, by start."""
    query = select(silence).where(silence.c.company == company).order_by(silence.c.starts_at, silence.c.id)
    return [_silence(row) for row in connection.execute(query)]


def current(connection: Connection, company: str, now: datetime, *, also_future: bool = False) -> list[Silence]:
    """Silences in force now, and those to come when asked, by start."""
    query = select(silence).where(silence.c.company == company, silence.c.ends_at > now, silence.c.ended_at.is_(None))
    if not also_future:
        query = query.where(silence.c.starts_at <= now)
    return [_silence(row) for row in connection.execute(query.order_by(silence.c.starts_at, silence.c.id))]


def silencing(silences: Iterable[Silence], labels: Labels) -> list[Silence]:
    """Those that match an alert, the one that ends last first."""
    found = [each for each in silences if matches(each.matchers, labels)]
    return sorted(found, key=lambda each: (-each.ends_at.timestamp(), each.id))


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
        row.ended_by,
        row.ended_at,
    )
