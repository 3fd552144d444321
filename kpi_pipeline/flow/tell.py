"""Sends what is due, each channel with its own secrets, in the words of the company."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from kpi_pipeline import clock
from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.channels import KINDS, Sender, Wire, variables_of
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.outbox import Attempt, Outbox
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, SettingsError
from kpi_pipeline.flow.folders import archived, folders
from kpi_pipeline.flow.pages import page_path
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings


def deliver(workspace: Workspace, company: Company, *, flush: bool = False) -> list[Attempt]:
    """Send every notice of a company that is due; with `flush` also those that wait for others to join them.

    A channel whose secrets are not set delays its own messages only. Raises StoreUnavailable.
    """
    now = _running(workspace.now)
    chance = random.SystemRandom().random  # spreads retries; nothing depends on it
    box = Outbox(workspace.history, reader(workspace, company), senders(workspace, company, now), now, chance)
    return outbox.deliver(box, flush=flush)


def reader(workspace: Workspace, company: Company) -> Reader:
    """For whom words are found, with the pages of the KPIs at KPI_REPORTS_URL, or in the reports folder."""
    base, root = workspace.settings.reports_url, workspace.settings.reports_root

    def page(kpi_id: str) -> str | None:
        kpi = company.kpis.get(kpi_id)
        if kpi is None:
            return None
        return place(page_path(root, company, kpi).relative_to(root).as_posix())

    def place(below: str) -> str | None:
        if base is not None:
            return f"{base.rstrip('/')}/{below}"
        return str(root / below) if (root / below).is_file() else None

    return Reader(company, page, place, lambda below: archived(root, below))


def senders(workspace: Workspace, company: Company, now: Callable[[], datetime]) -> dict[str, Sender]:
    """A sender for each channel of a company, and for each folder that its reports are copied to."""
    wire = Wire(now, time.sleep, clock.monotonic)
    found = {name: _sender(workspace.settings, name, channel, wire) for name, channel in company.channels.items()}
    return found | folders(workspace.settings, company)


def _sender(settings: Settings, name: str, channel: Channel, wire: Wire) -> Sender:
    """The channel's sender; one without its secrets waits for somebody to set them and does not stop the others."""
    try:
        found = settings.secrets(variables_of(channel))
    except SettingsError as error:
        return _without_secrets(name, error.came_back)
    revealed: Mapping[str, str] = {variable: secret.reveal() for variable, secret in found.items()}
    return KINDS[channel.kind].sender(channel, revealed, wire)


def _without_secrets(name: str, came_back: str) -> Sender:
    def send(_message: Message, _recipients: tuple[str, ...]) -> None:
        remedy = "Set it, or take the channel out of company.yaml; until then it is tried again by itself"
        raise DeliveryDelayed(f"sending through the channel {name}", came_back, remedy=remedy, unanswered=True)

    return Sender(send)


def _running(started: datetime) -> Callable[[], datetime]:
    """The clock of a pass: the workspace's instant and what has passed since; sending may take minutes."""
    began = clock.monotonic()
    return lambda: started + timedelta(seconds=clock.monotonic() - began)
