"""Microsoft Teams: an Adaptive Card to a Workflows webhook (Office 365 connector webhooks are retired)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from kpi_pipeline.alerts.channels.post import Target, post_json
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.message import Line, Message
from kpi_pipeline.alerts.vocabulary import word
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused

# Teams refuses a message above 28 kB.
MOST_BYTES = 28_000
LONGEST, LONGEST_LIST = 500, 15
COLOURS = {"ok": "Good", "info": "Accent", "warning": "Warning", "critical": "Attention"}


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    target = Target(secrets[channel.url], "Teams", channel.url)

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        try:
            host = urlsplit(target.url).hostname
        except ValueError:
            host = None  # posting says what is wrong with it
        if host is not None and (host == "outlook.office.com" or host.endswith(".webhook.office.com")):
            raise DeliveryRefused(
                target.doing,
                "the address is an Office 365 connector, which Microsoft has retired",
                remedy=f"Create a Workflows webhook in Teams and put its address in {channel.url}",
            )
        post_json(wire, target, payload(message, recipients, channel))

    return Sender(send)


def payload(message: Message, recipients: Sequence[str], _channel: Channel) -> dict[str, Any]:
    """A Workflows message with one Adaptive Card, with as many of the alerts as Teams takes."""
    for most in range(len(message.lines), 1, -1):
        found = _message(message.shortened(most), recipients)
        if len(orjson.dumps(found)) <= MOST_BYTES:
            return found
    return _message(message.shortened(1), recipients)


def _message(message: Message, recipients: Sequence[str]) -> dict[str, Any]:
    footer = message.footer if not recipients else f"{', '.join(recipients)} · {message.footer}"
    body = [_text(note, isSubtle=True) for note in message.notes]
    if len(message.lines) != 1:
        body.append(_heading(message.headline, message.level))
    for line in message.lines:
        body += _line(line, message.language)
    if message.more is not None:
        body.append(_text(message.more))
    body.append(_text(footer, isSubtle=True, size="Small"))
    links = {
        line.headline: line.link for line in message.lines if (line.link or "").startswith(("https://", "http://"))
    }
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": text(message.headline),
        "body": body,
    }
    if len(links) == 1:
        page = {"type": "Action.OpenUrl", "title": word("page", message.language), "url": next(iter(links.values()))}
        card["actions"] = [page]
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def _line(line: Line, language: str) -> list[dict[str, Any]]:
    """A heading in the colour of its level, the facts as a table, lists and commands below."""
    facts = [{"title": text(label), "value": text(value)} for label, value in line.facts[:LONGEST_LIST]]
    if line.chart is not None:
        facts.append({"title": word("days", language, n=len(line.chart.values)), "value": line.chart.blocks})
    found = [_heading(line.headline, line.told.level)]
    if facts:
        found.append({"type": "FactSet", "facts": facts})
    for listing in line.listings:
        found.append(_text(listing.title, weight="Bolder"))
        items = listing.lines()
        found += [_text(item, spacing="None") for item in items[:LONGEST_LIST]]
        if len(items) > LONGEST_LIST:
            found.append(_text(f"… + {len(items) - LONGEST_LIST}", spacing="None"))
    found += [_text(f"{label}: {command}", fontType="Monospace", size="Small") for label, command in line.commands]
    return found if line.link is None else [*found, _text(f"{word('page', language)}: {line.link}", size="Small")]


def _heading(words: str, level: str) -> dict[str, Any]:
    return _text(words, weight="Bolder", size="Medium", color=COLOURS.get(level, "Default"))


def _text(words: str, **looks: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text(words), "wrap": True, **looks}


def text(words: str) -> str:
    """Words that a card shows as they are: a zero-width space breaks Markdown's links, so no name can forge one."""
    found = words.replace("](", "]\u200b(")
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"
