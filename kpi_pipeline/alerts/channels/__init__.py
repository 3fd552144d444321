"""One module a channel: turns a message into what that channel takes, and its answers into delayed or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_pipeline.alerts.channels import mail, slack, teams
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel, Company

Sender = Callable[[Message, tuple[str, ...]], None]

KINDS: Mapping[str, Callable[[Channel, str], Sender]] = {
    "slack": slack.sender,
    "teams": teams.sender,
    "mail": mail.sender,
}


def senders(company: Company, addresses: Mapping[str, str]) -> dict[str, Sender]:
    """A sender for each channel of a company; `addresses` maps the channel's variable to the secret URL."""
    return {name: KINDS[channel.kind](channel, addresses[channel.url]) for name, channel in company.channels.items()}
