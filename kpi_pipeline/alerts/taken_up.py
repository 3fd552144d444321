"""Somebody takes an alert in hand, or hands it back: kept, and told where the alert has a thread.

Elsewhere nobody is told: a mail that says that a mail was read helps no one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from kpi_pipeline.alerts import acknowledgements, ledger
from kpi_pipeline.alerts.collapse import STANDING
from kpi_pipeline.alerts.ledger import IDENTITY, identity_of
from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.routes import joined, threads
from kpi_pipeline.alerts.tables import notice
from kpi_pipeline.catalogue.model import Company


def take_up(
    connection: Connection,
    company: Company,
    state: AlertState,
    *,
    author: str,
    reason: str,
    until: datetime,
    now: datetime,
) -> None:
    """Acknowledge a firing alert until then; raises UsageError as `acknowledgements.acknowledge` does."""
    kept = acknowledgements.acknowledge(connection, state, author=author, reason=reason, until=until, now=now)
    words = {"by_hand": kept.author, "because": kept.reason, "until": until.isoformat()}
    _tell(connection, company, state, Notice("acknowledged", state.actual), words, now)


def hand_back(
    connection: Connection, company: Company, state: AlertState, *, author: str, reason: str, now: datetime
) -> None:
    """Take its acknowledgement back; raises UsageError as `acknowledgements.withdraw` does."""
    acknowledgements.withdraw(connection, state, author=author, reason=reason, now=now)
    words = {"by_hand": author.strip(), "because": reason.strip(), "until": None}
    _tell(connection, company, state, Notice("handed_back", state.actual), words, now)


def _tell(
    connection: Connection, company: Company, state: AlertState, told: Notice, words: dict[str, Any], now: datetime
) -> None:
    """In the words of what was told of the alert last; what is suppressed is told when that ends."""
    routes = joined(threads(company, ledger.told_of_episode(connection, state)))
    last = _last_content(connection, state)
    if not routes or last is None or state.suppressed:
        return
    after = replace(state, notices=state.notices + 1)
    ledger.save(connection, state, after, told.reason, day=None, now=now, author=words["by_hand"])
    ledger.announce(
        connection,
        after,
        told,
        after.notices,
        content={**last, **words, "reason": told.reason, "before": state.told_level},
        routes=routes,
        run_id="",
        now=now,
        due_at=now + company.alerts.group_wait,
    )


def _last_content(connection: Connection, state: AlertState) -> dict[str, Any] | None:
    same = and_(*(notice.c[name] == value for name, value in zip(IDENTITY, identity_of(state), strict=True)))
    query = select(notice.c.reason, notice.c.content).where(same, notice.c.episode == state.episode)
    rows = connection.execute(query.order_by(notice.c.created_at.desc())).all()
    return next((dict(row.content) for row in rows if row.reason in STANDING), None)
