"""Microsoft Teams: an Adaptive Card to a Workflows webhook (Office 365 connector webhooks are retired)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from kpi_pipeline.alerts.channels.post import post_json
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused

# Teams refuses a message above 28 kB; a card holds at most LONGEST_LIST facts of LONGEST characters.
LONGEST, LONGEST_LIST = 500, 15
COLOURS = {"ok": "Good", "warning": "Warning", "critical": "Attention"}


def sender(channel: Channel, url: str) -> Callable[[Message, tuple[str, ...]], None]:
    def send(message: Message, recipients: tuple[str, ...]) -> None:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None  # posting says what is wrong with it
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
    facts = [{"title": text(label), "value": text(value)} for label, value in message.facts[:LONGEST_LIST]]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": text(message.headline),
        "body": [
            {
                "type": "TextBlock",
                "text": text(message.headline),
                "weight": "Bolder",
                "size": "Medium",
                "wrap": True,
                "color": COLOURS.get(message.level, "Default"),
            },
            {"type": "FactSet", "facts": facts},
            {"type": "TextBlock", "text": text(footer), "isSubtle": True, "wrap": True, "size": "Small"},
        ],
    }
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def text(words: str) -> str:
    """Words that a card shows as they are: a zero-width space breaks Markdown's links, so no name can forge one."""
    found = words.replace("](", "]\u200b(")
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"
