"""Decisions that a rule asks for: opened when it fires, with a clock in working days, closed by what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.alerts.calendar import WorkingTime
from kpi_pipeline.alerts.ledger import IDENTITY, fingerprint, identity_of
from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.alerts.tables import decision
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.errors import UsageError

Decided = Mapping[str, Any]


def open_for(
    connection: Connection, company: Company, rule: Rule, state: AlertState, working: WorkingTime, now: datetime
) -> str | None:
    """Open the decision that a rule asks for when it fires, once an episode; its id, or None when none is asked."""
    if rule.decision is None:
        return None
    owners = rule.decision.by or owners_of(company, rule, state.subject)
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
) -> Decided:
    """Write down what was decided, by the id of the decision or the beginning of it; the decision as it is then.

    Raises UsageError for a decision that is not open or lacks its text or author.
    """
    doing = f"deciding {decision_id!r} of {company}"
    if not text.strip() or not author.strip():
        raise UsageError(doing, "what was decided, or by whom, is missing", remedy="Give --decision and --by")
    values = {
        "decided_at": now,
        "decided_by": author.strip(),
        "decision": text.strip(),
        "action_owner": action_owner,
        "action_due": action_due,
    }
    return _close(connection, doing, company, decision_id, values, was_decided=False)


def conclude(
    connection: Connection, company: str, decision_id: str, *, author: str, text: str, now: datetime
) -> Decided:
    """Write down whether it worked; raises UsageError for a decision that was not taken, or was concluded already."""
    doing = f"concluding {decision_id!r} of {company}"
    if not text.strip() or not author.strip():
        raise UsageError(doing, "whether it worked, or who says so, is missing", remedy="Give --outcome and --by")
    values = {"outcome": text.strip(), "outcome_at": now, "outcome_by": author.strip()}
    return _close(connection, doing, company, decision_id, values, was_decided=True)


def listed(connection: Connection, company: str, *, open_only: bool = False) -> list[dict[str, Any]]:
    """Decisions of a company: the open ones by when they are due, then those that were taken, the newest first."""
    rows = [dict(row._mapping) for row in connection.execute(select(decision).where(decision.c.company == company))]
    waiting = sorted((row for row in rows if row["decided_at"] is None), key=lambda row: (row["due_at"], row["id"]))
    taken = sorted(
        (row for row in rows if row["decided_at"] is not None), key=lambda row: (row["decided_at"], row["id"])
    )
    return waiting if open_only else [*waiting, *reversed(taken)]


def _close(
    connection: Connection, doing: str, company: str, key: str, values: Decided, *, was_decided: bool
) -> Decided:
    remedy = f"See kpi alerts decisions {company}"
    found = [row for row in listed(connection, company) if key and row["id"].startswith(key)]
    if len(found) != 1:
        fault = "there is no such decision" if not found else "several begin like that"
        raise UsageError(doing, fault, remedy=remedy)
    (row,) = found
    if was_decided and row["decided_at"] is None:
        raise UsageError(doing, "it was not decided yet", remedy=f"kpi alerts decide {company} {row['id'][:8]} first")
    done = row["outcome_at"] if was_decided else row["decided_at"]
    if done is not None:
        by = row["outcome_by"] if was_decided else row["decided_by"]
        raise UsageError(doing, f"that was done by {by} on {done:%Y-%m-%d}", remedy=remedy)
    connection.execute(update(decision).where(decision.c.company == company, decision.c.id == row["id"]).values(values))
    return {**row, **values}
