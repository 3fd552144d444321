"""Sends what is due, and puts notices about sources and runs into the same outbox as those about KPIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kpi_pipeline.alerts import outbox, state
from kpi_pipeline.alerts.channels import senders
from kpi_pipeline.alerts.message import Message, plain_message, threshold_message
from kpi_pipeline.alerts.outbox import Attempt
from kpi_pipeline.alerts.policy import Decision, Level
from kpi_pipeline.alerts.routes import routes_of_owners
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryRefused
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import writing

FRESHNESS = "freshness"
RUN_FAILURE = "run_failure"


def deliver(workspace: Workspace, company: Company) -> list[Attempt]:
    """Send every due notice of a company; raises SettingsError when a channel's address is not set."""
    if outbox.due(workspace.history, company.id, workspace.now) == 0:
        return []
    variables = tuple(sorted({channel.url for channel in company.channels.values()}))
    secrets = workspace.settings.secrets(variables)
    addresses = {variable: secret.reveal() for variable, secret in secrets.items()}
    return outbox.deliver(workspace.history, company.id, senders(company, addresses), composer(company), workspace.now)


def composer(company: Company) -> Callable[[Mapping[str, Any]], Message]:
    """Turns a row of the outbox into words; raises DeliveryRefused for a KPI that is no longer declared."""

    def compose(row: Mapping[str, Any]) -> Message:
        return replace(words_of(row), at=row["created_at"])

    def words_of(row: Mapping[str, Any]) -> Message:
        if row["rule"] != state.THRESHOLD:
            return plain_message(company, row["notice_id"], row["level"], row["content"])
        kpi = company.kpis.get(row["subject"])
        if kpi is None:
            raise DeliveryRefused(
                f"writing notice {row['notice_id']}",
                f"the KPI {row['subject']!r} is no longer declared",
                remedy="Restore it in kpis.yaml and replay the notice, or let it rest",
            )
        return threshold_message(company, kpi, row["notice_id"], row["reason"], row["level"], row["content"])

    return compose


def tell_level(
    workspace: Workspace,
    company: Company,
    *,
    subject: str,
    rule: str,
    level: Level,
    owners: Sequence[str],
    headline: str,
    facts: Sequence[tuple[str, str]],
    now: datetime,
) -> str | None:
    """Announce that a source or job went bad or recovered, once per change; returns the notice id or None."""
    with writing(workspace.history.engine, f"noting {rule} of {subject}", company.id) as connection:
        before = state.load(connection, company.id, subject, rule)
        if before.level == level:
            return None
        recovered = level == "ok"
        after = replace(
            before,
            level=level,
            since_at=None if recovered else now,
            notices=before.notices + 1,
        )
        decision = Decision(after, "resolved" if recovered else "first_breach", f"{before.level}_to_{level}")
        day = now.astimezone(company.tz).date()
        return state.save(
            connection,
            decision,
            day=day,
            content={"headline": headline, "facts": [list(fact) for fact in facts]},
            routes=routes_of_owners(company, owners, day),
            now=now,
        )
