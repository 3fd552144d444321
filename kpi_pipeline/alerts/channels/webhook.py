"""Any system that takes JSON: a signed, versioned document, described in docs/webhook.md and its JSON schema.

The signature is HMAC-SHA256 with the shared secret over "timestamp.body"; a receiver that refuses old timestamps and
ids that it has seen cannot be fed a recorded message again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from kpi_pipeline.alerts.channels.post import Target, post
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.message import Line, Message
from kpi_pipeline.catalogue.model import Channel

SCHEMA = "kpi-notice/1"
NUMBERS = ("value", "numerator", "denominator", "n", "status", "target", "info", "warning", "critical", "worst")
TIMES = ("day", "since", "opened_at", "resolved_at")
WORDS = ("title", "runbook", "question", "within", "acknowledged_by")


def payload(message: Message, recipients: Sequence[str], _channel: Channel) -> dict[str, Any]:
    """The document; the same for every attempt, so that a receiver can know it again by its id."""
    return {
        "schema": SCHEMA,
        "id": message.id,
        "company": message.company,
        "language": message.language,
        "level": message.level,
        "headline": message.headline,
        "created_at": message.at.isoformat(),
        "notes": list(message.notes),
        "recipients": list(recipients),
        "answers": [each.id for each in message.answers],
        "alerts": [_alert(line) for line in message.lines],
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """'v1=' and the hexadecimal HMAC-SHA256 of "timestamp.body"."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    secret = secrets[str(channel.secret)]
    target = Target(secrets[channel.url], "the webhook", channel.url, (secret,))

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        body = orjson.dumps(payload(message, recipients, channel))
        timestamp = int(wire.now().timestamp())
        headers = {
            "X-KPI-Id": message.id,
            "X-KPI-Timestamp": str(timestamp),
            "X-KPI-Signature": signature(secret, timestamp, body),
        }
        post(wire, target, body, headers)

    return Sender(send)


def _alert(line: Line) -> dict[str, Any]:
    told, content = line.told, line.told.content
    return {
        "notice_id": told.notice_id,
        "key": told.alert_key,
        "subject": told.subject,
        "kpi": content.get("kpi"),
        "rule": told.rule,
        "segment": told.segment,
        "episode": told.episode,
        "reason": told.reason,
        "level": told.level,
        "before": content.get("before"),
        "headline": line.headline,
        **{name: content.get(name) for name in (*NUMBERS, *TIMES, *WORDS)},
        "provisional": bool(content.get("provisional", False)),
        "owners": list(content.get("owners") or ()),
        "actions": list(content.get("actions") or ()),
        "restated": list(content.get("restated") or ()),
        "facts": [{"label": label, "text": text} for label, text in line.facts],
        "link": line.link,
    }
