"""Slack incoming webhooks: Block Kit, with user text escaped and sections kept under Slack's limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpi_pipeline.alerts.channels.post import post_json, said_by
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused

# Slack refuses the whole message (invalid_blocks) when one section is longer than 3000 characters.
SECTION_LIMIT = 3000


def sender(channel: Channel, url: str) -> Callable[[Message, tuple[str, ...]], None]:
    def send(message: Message, recipients: tuple[str, ...]) -> None:
        answer = post_json(url, payload(message, recipients), channel="Slack", variable=channel.url)
        # A webhook that worked answers the word "ok"; a proxy's or login page's 200 does not.
        if answer.text.strip() != "ok":
            raise DeliveryRefused(
                f"posting to Slack (address from {channel.url})",
                f"HTTP {answer.status_code} without the word 'ok': {said_by(answer, url)[:80]!r}",
                remedy="Check that the address is a Slack incoming webhook, then replay",
            )

    return send


def payload(message: Message, recipients: tuple[str, ...]) -> dict[str, Any]:
    """The JSON body; `text` is what notifications and screen readers show."""
    facts = "\n".join(f"*{escape(label)}*: {escape(value)}" for label, value in message.facts)
    texts = [f"*{escape(message.headline)}*", facts]
    footer = message.footer if not recipients else f"{', '.join(recipients)} · {message.footer}"
    return {
        "text": escape(message.headline),
        "blocks": [
            # Slack refuses a section without text, so a message without facts has one section less.
            *({"type": "section", "text": {"type": "mrkdwn", "text": _cut(text)}} for text in texts if text),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(escape(footer))}]},
        ],
    }


def escape(text: str) -> str:
    """Slack's three control characters, so that no name can mention a channel or forge a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str) -> str:
    return text if len(text) <= SECTION_LIMIT else text[: SECTION_LIMIT - 1] + "…"
