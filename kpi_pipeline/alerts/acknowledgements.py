"""Acknowledgements: somebody has an alert in hand, until a day, and says why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from kpi_pipeline.alerts.ledger import IDENTITY, identity_of
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.tables import acknowledgement
from kpi_pipeline.alerts.tell import Acknowledged
from kpi_pipeline.errors import UsageError


def acknowledge(
    connection: Connection, state: AlertState, *, author: str, reason: str, until: datetime, now: datetime
) -> None:
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
    identity = dict(zip(IDENTITY, identity_of(state), strict=True))
    connection.execute(
        insert(acknowledgement).values(
            **identity, episode=state.episode, level=state.level, author=author, reason=reason, at=now, until=until
        )
    )


def current(connection: Connection, state: AlertState) -> tuple[Acknowledged, str] | None:
    """The newest acknowledgement of this episode and who gave it; one of an earlier episode is gone."""
    same = and_(
        *(acknowledgement.c[name] == value for name, value in zip(IDENTITY, identity_of(state), strict=True)),
        acknowledgement.c.episode == state.episode,
    )
    row = connection.execute(
        select(acknowledgement).where(same).order_by(acknowledgement.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else (Acknowledged(row.level, row.until), row.author)
