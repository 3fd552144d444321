"""Sends what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.channels import senders
from kpi_pipeline.alerts.message import Message, plain_message, threshold_message
from kpi_pipeline.alerts.model import DATA
from kpi_pipeline.alerts.outbox import Attempt
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryRefused
from kpi_pipeline.flow.workspace import Workspace


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
        if row["content"].get("kpi") is None or row["rule"] == DATA:
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
