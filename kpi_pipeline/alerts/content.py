"""What a message needs, frozen when the notice is made: later renames or restatements do not rewrite it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.readings import limits_of
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.tables import observation

SPARK_DAYS = 30


def kpi_content(
    connection: Connection,
    company: Company,
    rule: Rule,
    kpi: Kpi,
    row: Observation,
    before: AlertState,
    after: AlertState,
    **further: Any,
) -> dict[str, Any]:
    """Of a rule about one KPI: value with its evidence, the limits of its day, since when, and what to do."""
    limits = limits_of(rule, kpi, row.day)
    since = after.since_day if after.since_day is not None else before.since_day
    return {
        **rule_content(company, rule, before, after),
        "kpi": kpi.id,
        "day": row.day.isoformat(),
        "value": _exact(row.value),
        "n": row.n,
        "numerator": _exact(row.numerator),
        "denominator": _exact(row.denominator),
        "status": row.status,
        "target": row.target,
        "info": _text(limits.info),
        "warning": _text(limits.warning),
        "critical": _text(limits.critical),
        "since": None if since is None else since.isoformat(),
        "worst": _exact(before.worst if after.worst is None else after.worst),
        "provisional": not row.closed or row.provisional,
        "spark": _spark(connection, row),
        **further,
    }


def rule_content(company: Company, rule: Rule, before: AlertState, after: AlertState) -> dict[str, Any]:
    """Of any rule: whose it is, when it opened, what the framework says to do, and the decision it asks for."""
    opened = after.since_at if after.since_at is not None else before.since_at
    asked = rule.decision
    return {
        "rule": rule.id,
        "kpi": None,
        "kpis": list(rule.kpis),
        "title": rule.title(company.language),
        "owners": list(owners_of(company, rule, after.subject)),
        "episode": after.episode,
        "opened_at": None if opened is None else opened.isoformat(),
        "for": str(rule.hold_for),
        "actions": list(rule.actions.get(company.language, ())),
        "runbook": rule.runbook,
        "question": None if asked is None else asked.question[company.language],
        "within": None if asked is None else str(asked.within),
        "by": None if rule.by is None else rule.by.isoformat(),
        "mark": after.mark,
        "language": company.language,
    }


def values_content(company: Company, rule: Rule, rows: Mapping[str, Observation]) -> dict[str, Any]:
    """Of a rule over several KPIs: the value of each on the day it was judged, with n."""
    return {
        "values": [
            {"kpi": kpi, "value": _exact(rows[kpi].value), "n": rows[kpi].n, "status": rows[kpi].status}
            for kpi in rule.kpis
            if kpi in rows and kpi in company.kpis
        ]
    }


def _spark(connection: Connection, row: Observation) -> list[str | None]:
    query = select(observation.c.value).where(
        observation.c.company == row.company,
        observation.c.kpi == row.kpi,
        observation.c.segment == row.segment,
        observation.c.day.between(row.day - timedelta(days=SPARK_DAYS - 1), row.day),
        observation.c.superseded_at.is_(None),
    )
    found: Sequence[Any] = connection.execute(query.order_by(observation.c.day)).all()
    return [_exact(value) for (value,) in found]


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _text(threshold: Any) -> str | None:
    return None if threshold is None else str(threshold)
