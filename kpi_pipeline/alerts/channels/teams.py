"""Microsoft Teams: an Adaptive Card to a Workflows webhook (Office 365 connector webhooks are retired)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from kpi_pipeline.alerts.channels.post import post_json
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused

COLOURS = {"ok": "Good", "warning": "Warning", "critical": "Attention"}


def sender(channel: Channel, url: str) -> Callable[[Message, tuple[str, ...]], None]:
    def send(message: Message, recipients: tuple[str, ...]) -> None:
        host = urlsplit(url).hostname
        if host is not None and (host == "outlook.office.com" or host.endswith(".webhook.office.com")):
            raise DeliveryRefused(
                f"posting to Teams (address from {channel.url})",
                "the address is an Office 365 connector, which Microsoft has retired",
                remedy=f"Create a Workflows webhook in Teams and put its address in {channel.url}",
            )
        post_json(url, payload(message, recipients), channel="Teams", variable=channel.url)

    return send


def payload(message: Message, recipients: tuple[str, ...]) -> dict[str, Any]:
    """A Workflows message with one Adaptive Card; facts as a table, colour beside the word and never alone."""
    footer = message.footer if not recipients else f"{', '.join(recipients)} · {message.footer}"
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": message.headline,
        "body": [
            {
                "type": "TextBlock",
                "text": message.headline,
                "weight": "Bolder",
                "size": "Medium",
                "wrap": True,
                "color": COLOURS.get(message.level, "Default"),
            },
            {"type": "FactSet", "facts": [{"title": label, "value": value} for label, value in message.facts]},
            {"type": "TextBlock", "text": footer, "isSubtle": True, "wrap": True, "size": "Small"},
        ],
    }
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }
