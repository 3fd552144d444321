"""A message as Slack's Block Kit: user text escaped, every text under Slack's limits, the same for webhook and bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi_pipeline.alerts.message import Line, Message
from kpi_pipeline.alerts.vocabulary import word

# Slack refuses the whole message (invalid_blocks) when a section is longer than 3000 characters or there are over 50.
SECTION_LIMIT = 3_000
MOST_LINES = 20


def body(message: Message, recipients: Sequence[str]) -> dict[str, Any]:
    """`blocks`, and the `text` that notifications and screen readers show."""
    shown = message.shortened(MOST_LINES)
    texts = [cut(escape(note)) for note in shown.notes]
    if len(shown.lines) != 1:
        texts.append(f"*{escape(shown.headline)}*")
    texts += [_line(line, shown.language) for line in shown.lines]
    if shown.more is not None:
        texts.append(escape(shown.more))
    footer = shown.footer if not recipients else f"{', '.join(recipients)} · {shown.footer}"
    return {
        "text": cut("\n".join([*(escape(note) for note in shown.notes), escape(shown.headline)])),
        "blocks": [
            *({"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in texts),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(escape(footer))}]},
        ],
    }


def escape(text: str) -> str:
    """Slack's three control characters, so that no name can mention a channel or forge a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, ending: str = "…", limit: int = SECTION_LIMIT) -> str:
    """The text, or as many of its lines as fit with `ending` after them."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(ending) - 1]
    # Not in the middle of a line, where an escaped character or a code span would be torn; one long line has to be.
    whole = kept.rpartition("\n")[0] or kept.rpartition(" ")[0] or kept
    return f"{whole}\n{ending}"


def _line(line: Line, language: str) -> str:
    texts = [f"*{escape(line.headline)}*", *(f"*{escape(label)}*: {escape(value)}" for label, value in line.facts)]
    if line.chart is not None:
        texts.append(f"*{word('days', language, n=len(line.chart.values))}*: {line.chart.blocks}")
    for listing in line.listings:
        texts += [f"*{escape(listing.title)}*", *(escape(item) for item in listing.lines())]
    ends = [f"{escape(label)}: `{escape(command).replace('`', chr(39))}`" for label, command in line.commands]
    page = word("page", language)
    if line.link is not None:
        is_web = line.link.startswith(("https://", "http://"))
        ends.append(f"<{escape(line.link)}|{page}>" if is_web else f"{page}: {escape(line.link)}")
    ending = "\n".join(ends)
    return f"{cut(chr(10).join(texts), '…', SECTION_LIMIT - len(ending) - 1)}\n{ending}".strip()
