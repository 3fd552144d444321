"""Acknowledgements: somebody has an alert in hand, until a day, and says why. Only ever added to, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from kpi_pipeline.alerts.ledger import IDENTITY, identity_of
from kpi_pipeline.alerts.model import SEVERITY, AlertState, Level
from kpi_pipeline.alerts.tables import acknowledgement
from kpi_pipeline.errors import UsageError

WITHDRAWN: Level = "ok"  # the level of an entry that takes the one before it back


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has an alert in hand since `at`, at which level it was then, until when, and why."""

    level: Level
    author: str
    reason: str
    at: datetime
    until: datetime

    def holds(self, state: AlertState, now: datetime) -> bool:
        """Whether it still keeps repeats and escalation away: not over, and the alert got no worse."""
        return now < self.until and SEVERITY[state.actual] <= SEVERITY[self.level]


def acknowledge(
    connection: Connection, state: AlertState, *, author: str, reason: str, until: datetime, now: datetime
) -> Acknowledgement:
    """Stop repeats and escalation of a firing alert until then, or until it gets worse or fires anew.

    Raises UsageError for an alert that does not fire, an end that is past, or a missing author or reason.
    """
    doing = f"acknowledging {state.subject} ({state.rule}) of {state.company}"
    faults = {
        "it does not fire": not state.fires,
        "the end is past": until <= now,
        "the author is missing": not author.strip(),
        "the reason is missing": not reason.strip(),
    }
    for fault, is_so in faults.items():
        if is_so:
            raise UsageError(doing, fault, remedy=f"See kpi alerts list {state.company}")
    return _add(connection, state, Acknowledgement(state.level, author.strip(), reason.strip(), now, until))


def withdraw(connection: Connection, state: AlertState, *, author: str, reason: str, now: datetime) -> None:
    """Take the acknowledgement of an alert back, so that it repeats and escalates again.

    Raises UsageError when nobody has it in hand, or the author is missing.
    """
    doing = f"taking back the acknowledgement of {state.subject} ({state.rule}) of {state.company}"
    known = current(connection, state)
    if known is None or not known.holds(state, now):
        raise UsageError(doing, "nobody has it in hand", remedy=f"See kpi alerts list {state.company}")
    if not author.strip():
        raise UsageError(doing, "the author is missing", remedy="Say who takes it back")
    _add(connection, state, Acknowledgement(WITHDRAWN, author.strip(), reason.strip(), now, now))


def current(connection: Connection, state: AlertState) -> Acknowledgement | None:
    """The newest acknowledgement of this episode, also when it is over; one of an earlier episode is gone."""
    found = history(connection, state)
    return None if not found or found[-1].level == WITHDRAWN else found[-1]


def held(connection: Connection, states: Iterable[AlertState], now: datetime) -> list[AlertState]:
    """Those that somebody has in hand now."""
    known = ((state, current(connection, state)) for state in states)
    return [state for state, found in known if found is not None and found.holds(state, now)]


def history(connection: Connection, state: AlertState) -> list[Acknowledgement]:
    """Every acknowledgement of this episode, those that were taken back (level ok) included, the oldest first."""
    same = and_(
        *(acknowledgement.c[name] == value for name, value in zip(IDENTITY, identity_of(state), strict=True)),
        acknowledgement.c.episode == state.episode,
    )
    rows = connection.execute(select(acknowledgement).where(same).order_by(acknowledgement.c.id))
    return [Acknowledgement(row.level, row.author, row.reason, row.at, row.until) for row in rows]


def _add(connection: Connection, state: AlertState, entry: Acknowledgement) -> Acknowledgement:
    identity = dict(zip(IDENTITY, identity_of(state), strict=True))
    connection.execute(
        insert(acknowledgement).values(
            **identity,
            episode=state.episode,
            level=entry.level,
            author=entry.author,
            reason=entry.reason,
            at=entry.at,
            until=entry.until,
        )
    )
    return entry
