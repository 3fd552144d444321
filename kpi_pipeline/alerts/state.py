"""Evaluates rules in the transaction that writes observations: state, log, notice and deliveries are saved together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from kpi_pipeline.alerts.policy import AlertState, Decision, decide
from kpi_pipeline.alerts.routes import Route, routes_of_owners
from kpi_pipeline.alerts.tables import alert_event, alert_state, delivery, notice
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.history.observation import Change, Observation, Recorded

THRESHOLD = "threshold"
SPARK_DAYS = 30


def evaluate(company: Company, now: datetime) -> Any:
    """A function for HistoryStore.record(within=…) that judges the changes of KPIs with a warning or critical.

    The first time a KPI is judged, only its newest complete day counts: a backfill of a year sends no year of alerts.
    """

    def within(connection: Connection, changes: Sequence[Change]) -> None:
        by_kpi: dict[tuple[str, str], list[Recorded]] = {}
        for change in changes:
            by_kpi.setdefault((change.after.kpi, change.after.segment), []).append(change.after)
        for (kpi_id, segment), rows in sorted(by_kpi.items()):
            kpi = company.kpis.get(kpi_id)
            if kpi is not None and (kpi.warning or kpi.critical):
                _judge(connection, company, kpi, segment, rows, now)

    return within


def load(connection: Connection, company: str, subject: str, rule: str, segment: str = "") -> AlertState:
    """Where a rule stands; a rule never judged stands at ok."""
    row = connection.execute(select(alert_state).where(_identity(company, subject, rule, segment))).one_or_none()
    if row is None:
        return AlertState(company=company, subject=subject, rule=rule, segment=segment)
    return AlertState(**{field.name: row._mapping[field.name] for field in fields(AlertState)})


def save(
    connection: Connection,
    decision: Decision,
    *,
    day: date | None,
    content: Mapping[str, Any],
    routes: Sequence[Route],
    now: datetime,
) -> str | None:
    """Save a decision with its notice and one delivery per channel; returns the notice id, None when nothing is told.

    The id is a fingerprint of alert and sequence, so a decision that is saved again cannot announce itself twice.
    """
    state = decision.state
    identity = (state.company, state.subject, state.rule, state.segment)
    connection.execute(delete(alert_state).where(_identity(*identity)))
    connection.execute(insert(alert_state).values(asdict(state)))
    log = {"company": state.company, "subject": state.subject, "rule": state.rule, "segment": state.segment}
    connection.execute(insert(alert_event).values(**log, day=day, level=state.level, why=decision.why, at=now))
    if decision.notice is None:
        return None
    notice_id = hashlib.sha256("|".join((*identity, str(state.notices))).encode()).hexdigest()[:20]
    connection.execute(
        insert(notice).values(
            **log, id=notice_id, reason=decision.notice, level=state.level, content=dict(content), created_at=now
        )
    )
    for route in routes:
        connection.execute(
            insert(delivery).values(
                notice_id=notice_id,
                channel=route.channel,
                recipients=list(route.recipients),
                status="pending",
                attempts=0,
                due_at=now,
            )
        )
    return notice_id


def _judge(
    connection: Connection, company: Company, kpi: Kpi, segment: str, rows: Sequence[Recorded], now: datetime
) -> None:
    state = load(connection, company.id, kpi.id, THRESHOLD, segment)
    judgeable = [row for row in sorted(rows, key=lambda row: row.day) if row.closed and not row.provisional]
    if state.judged_day is None:
        judgeable = judgeable[-1:]
    for row in judgeable:
        decision = decide(state, row, now, higher_is_better=kpi.better == "higher")
        if decision.state == state and decision.notice is None:
            continue
        owners = routes_of_owners(company, kpi.owners, row.day)
        content = notice_content(company, kpi, row, state, decision)
        save(connection, decision, day=row.day, content=content, routes=owners, now=now)
        state = decision.state


def notice_content(
    company: Company, kpi: Kpi, row: Observation, before: AlertState, decision: Decision
) -> dict[str, Any]:
    """What a message needs, frozen when the notice is made: later renames or restatements do not rewrite it."""
    since = decision.state.since_day if decision.state.since_day is not None else before.since_day
    return {
        "kpi": kpi.id,
        "day": row.day.isoformat(),
        "value": None if row.value is None else format(row.value, "f"),
        "n": row.n,
        "numerator": None if row.numerator is None else format(row.numerator, "f"),
        "denominator": None if row.denominator is None else format(row.denominator, "f"),
        "status": row.status,
        "target": row.target,
        "warning": row.warning,
        "critical": row.critical,
        "since": None if since is None else since.isoformat(),
        "worst": None if before.worst is None else format(before.worst, "f"),
        "owners": list(kpi.owners),
        "language": company.language,
    }


def _identity(company: str, subject: str, rule: str, segment: str) -> Any:
    return and_(
        alert_state.c.company == company,
        alert_state.c.subject == subject,
        alert_state.c.rule == rule,
        alert_state.c.segment == segment,
    )
