"""What people do with messages: try a rule's words and channels, look at what did not arrive, send it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kpi_pipeline.alerts import fallback
from kpi_pipeline.alerts.channels import KINDS
from kpi_pipeline.alerts.fallback import DeadLetter
from kpi_pipeline.alerts.trial import State, find_rule, trial
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused
from kpi_pipeline.flow.tell import reader, senders
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import answering, writing


@dataclass(frozen=True, slots=True)
class Fired:
    """A trial through one channel: for whom, what leaves (no secret in it), and what became of it."""

    channel: str
    recipients: tuple[str, ...]
    payload: Any
    outcome: str
    error: str | None = None


def fire(
    workspace: Workspace, company: Company, *, rule: str, kpi: str | None, state: State, dry_run: bool
) -> list[Fired]:
    """Send what a rule would tell in a state, marked as a trial, to whom it would tell it; `dry_run` only composes.

    Neither states nor the outbox are touched. Raises UsageError for a rule that there is not.
    """
    found, history = find_rule(company, rule, kpi), workspace.history
    latest = history.latest(company.id)
    with answering(history.engine, "composing a trial"), history.engine.connect() as connection:
        tried = trial(connection, reader(workspace, company), found, state, latest, workspace.now)
    sending = {} if dry_run else senders(workspace, company, lambda: workspace.now)
    fired = []
    for route in tried.routes:
        channel = company.channels[route.channel]
        payload = KINDS[channel.kind].payload(tried.message, route.recipients, channel)
        outcome, error = "composed", None
        if not dry_run:
            outcome = "sent"
            try:
                sending[route.channel](tried.message, route.recipients)
            except DeliveryDelayed as delayed:
                outcome, error = "delayed", str(delayed)
            except DeliveryRefused as refused:
                outcome, error = "refused", str(refused)
        fired.append(Fired(route.channel, route.recipients, payload, outcome, error))
    return fired


def dead_letters(workspace: Workspace, company: Company) -> list[DeadLetter]:
    """The messages that were given up, the newest first."""
    history = workspace.history
    with answering(history.engine, "reading dead letters"), history.engine.connect() as connection:
        return fallback.dead_letters(connection, company.id)


def replay(workspace: Workspace, company: Company, ids: Sequence[str]) -> list[str]:
    """Queue dead messages again under their ids (all of them when none is named); the ids.

    Raises UsageError, and queues none, when one of them is no dead message.
    """
    with writing(workspace.history.engine, "replaying dead letters", company.id) as connection:
        wanted = list(ids) or [each.id for each in fallback.dead_letters(connection, company.id)]
        fallback.replay(connection, company.id, wanted, workspace.now)
    return wanted
