"""One module a channel: turns a message into what that channel takes, and its answers into delayed or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_pipeline.alerts.channels import long_tail, mail, pagerduty, slack, slack_bot, teams, webhook
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel

__all__ = ["KINDS", "Kind", "Sender", "Wire", "variables_of"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`payload`: what would leave, without any secret. `sender`: sends it, given the secrets by their variables."""

    payload: Callable[[Message, Sequence[str], Channel], Any]
    sender: Callable[[Channel, Mapping[str, str], Wire], Sender]


KINDS: Mapping[str, Kind] = {
    "slack": Kind(slack.payload, slack.sender),
    "slack_bot": Kind(slack_bot.payload, slack_bot.sender),
    "teams": Kind(teams.payload, teams.sender),
    "mail": Kind(mail.payload, mail.sender),
    "webhook": Kind(webhook.payload, webhook.sender),
    "pagerduty": Kind(pagerduty.payload, pagerduty.sender),
    "apprise": Kind(long_tail.payload, long_tail.sender),
}


def variables_of(channel: Channel) -> tuple[str, ...]:
    """The variables whose values a channel cannot do without."""
    return tuple(name for name in (channel.url, channel.secret) if name)
