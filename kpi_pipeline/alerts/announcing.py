"""Puts notices into the outbox with their words and routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kpi_pipeline.alerts import acknowledgements, ledger
from kpi_pipeline.alerts.content import kpi_content, rule_content, values_content
from kpi_pipeline.alerts.model import AlertState, Notice
from kpi_pipeline.alerts.restated import CORRECTED, RETROACTIVE, Restated
from kpi_pipeline.alerts.routes import routes_of_notice, with_those_told
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.history.observation import Observation

Content = Callable[[AlertState, AlertState], dict[str, Any]]


def announce_all(
    connection: Connection,
    company: Company,
    rule: Rule,
    before: AlertState,
    after: AlertState,
    notices: Sequence[Notice],
    content: Content,
    late: Restated,
    *,
    run_id: str,
    now: datetime,
) -> list[str]:
    """Announce notices that `after` already counts; their ids in order."""
    if not notices:
        return []
    words = content(before, after)
    known = acknowledgements.current(connection, before) if before.episode else None
    ids = []
    for place, notice in enumerate(notices):
        routes = routes_of_notice(company, rule, notice, before, after, now)
        found = {
            **words,
            "reason": notice.reason,
            "before": before.told_level,
            "acknowledged_by": None if known is None else known.author,
            "restated": _days(late, notice.reason),
            "past": notice.reason in (CORRECTED, RETROACTIVE) and not late.newest,
            "resolved_at": now.isoformat() if notice.reason in ("resolved", "corrected") else None,
        }
        ids.append(
            ledger.announce(
                connection,
                after,
                notice,
                after.notices - len(notices) + 1 + place,
                content=found,
                routes=with_those_told(company, notice.reason, routes, ledger.told_of_episode(connection, after)),
                run_id=run_id,
                now=now,
                due_at=now + company.alerts.group_wait,
            )
        )
    return ids


def of_kpi(
    connection: Connection,
    company: Company,
    rule: Rule,
    kpi: Kpi,
    row: Observation,
    before: AlertState,
    after: AlertState,
) -> dict[str, Any]:
    """The words of a rule about one KPI, as of the day it was judged."""
    return kpi_content(connection, company, rule, kpi, row, before, after)


def of_several(
    company: Company, rule: Rule, rows: Mapping[str, Observation], before: AlertState, after: AlertState
) -> dict[str, Any]:
    """The words of a rule over several KPIs, as of the day it was judged."""
    day = None if after.judged_day is None else after.judged_day.isoformat()
    return {**rule_content(company, rule, before, after), **values_content(company, rule, rows), "day": day}


def _days(late: Restated, reason: str) -> list[dict[str, str | None]]:
    days = {"corrected": late.corrected, "retroactive": late.breached}.get(reason, ())
    return [
        {"day": day.isoformat(), "before": _exact(before), "after": _exact(after)} for day, before, after in days[-10:]
    ]


def _exact(value: Any) -> str | None:
    return None if value is None else format(value, "f")
