"""Decisions that a rule asks for: opened when it fires, with a clock in working days, closed by what was decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.alerts.calendar import WorkingTime
from kpi_pipeline.alerts.ledger import IDENTITY, fingerprint, identity_of
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.tables import decision
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.errors import UsageError


def open_for(
    connection: Connection, company: Company, rule: Rule, state: AlertState, working: WorkingTime, now: datetime
) -> str | None:
    """Open the decision that a rule asks for when it fires, once an episode; its id, or None when none is asked."""
    if rule.decision is None:
        return None
    kpi = company.kpis.get(state.subject)
    owners = rule.decision.by or rule.owners or (() if kpi is None else kpi.owners)
    key = fingerprint(*identity_of(state), str(state.episode), "decision")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {
        **dict(zip(IDENTITY, identity_of(state), strict=True)),
        "id": key,
        "episode": state.episode,
        "question": rule.decision.question[company.language],
        "owners": list(owners),
        "opened_at": now,
        "due_at": working.after(now, rule.decision.within),
    }
    connection.execute(dialect.insert(decision).values(row).on_conflict_do_nothing())
    return key


def decide(
    connection: Connection,
    company: str,
    decision_id: str,
    *,
    author: str,
    text: str,
    action_owner: str | None,
    action_due: date | None,
    now: datetime,
) -> None:
    """Write down what was decided; raises UsageError for a decision that is not open or lacks its text."""
    doing = f"deciding {decision_id!r} of {company}"
    if not text.strip() or not author.strip():
        raise UsageError(doing, "what was decided, or by whom, is missing", remedy="Give --decision and --by")
    values = {
        "decided_at": now,
        "decided_by": author,
        "decision": text,
        "action_owner": action_owner,
        "action_due": action_due,
    }
    _update(connection, doing, company, decision_id, decision.c.decided_at.is_(None), values)


def conclude(connection: Connection, company: str, decision_id: str, *, text: str, now: datetime) -> None:
    """Write down whether it worked; raises UsageError for a decision that was not taken."""
    doing = f"concluding {decision_id!r} of {company}"
    _update(
        connection,
        doing,
        company,
        decision_id,
        decision.c.decided_at.is_not(None),
        {"outcome": text, "outcome_at": now},
    )


def listed(connection: Connection, company: str, *, open_only: bool = False) -> list[dict[str, Any]]:
    """Decisions of a company, the open ones first, then the newest."""
    query = select(decision).where(decision.c.company == company)
    if open_only:
        query = query.where(decision.c.decided_at.is_(None))
    ordered = query.order_by(decision.c.decided_at.is_not(None), decision.c.due_at.desc(), decision.c.id)
    return [dict(row._mapping) for row in connection.execute(ordered)]


def _update(connection: Connection, doing: str, company: str, key: str, which: Any, values: dict[str, Any]) -> None:
    found = connection.execute(
        update(decision).where(decision.c.company == company, decision.c.id == key, which).values(values)
    )
    if found.rowcount != 1:
        raise UsageError(
            doing, "there is no such decision waiting for that", remedy=f"See kpi alerts decisions {company}"
        )
