"""Slack incoming webhooks: every message is a new one, at most one a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.alerts.channels import blocks
from kpi_pipeline.alerts.channels.post import Target, post_json, said_by
from kpi_pipeline.alerts.channels.wire import Pace, Sender, Wire
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused

EVERY_S = 1.0


def payload(message: Message, recipients: Sequence[str], _channel: Channel) -> dict[str, Any]:
    """The JSON body; links are not unfolded into previews."""
    return {**blocks.body(message, recipients), "unfurl_links": False, "unfurl_media": False}


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    target = Target(secrets[channel.url], "Slack", channel.url)
    pace = Pace(wire, EVERY_S)

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        pace.take()
        answer = post_json(wire, target, payload(message, recipients, channel))
        # A webhook that worked answers the word "ok"; a proxy's or login page's 200 does not.
        if answer.text.strip() != "ok":
            raise DeliveryRefused(
                target.doing,
                f"HTTP {answer.status_code} without the word 'ok': {said_by(answer, target)[:80]!r}",
                remedy=f"Check that {channel.url} is a Slack incoming webhook, then replay",
            )

    return Sender(send, pace)
