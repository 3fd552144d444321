"""PagerDuty Events v2: an alert that fires triggers its incident, one that is over resolves it.

One event an alert; the deduplication key is the alert's, so sending an event again changes nothing. What is no state of
an alert (a milestone, a reminder, a correction of the past) is a change event, which wakes nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.alerts.channels.post import Target, post_json
from kpi_pipeline.alerts.channels.wire import Sender, Wire
from kpi_pipeline.alerts.collapse import stands
from kpi_pipeline.alerts.message import Line, Message
from kpi_pipeline.catalogue.model import Channel

API = "https://events.pagerduty.com"
LONGEST_SUMMARY = 1_024
SEVERITIES = {"info": "info", "warning": "warning", "critical": "critical"}
ASKS = frozenset({"missed", "ask"})  # somebody has to do something about these, so they are incidents of their own


def payload(message: Message, recipients: Sequence[str], _channel: Channel) -> list[dict[str, Any]]:
    """The events, in the order in which they are sent, without the routing key."""
    return [_event(message, line, recipients) for line in message.lines]


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    key = secrets[str(channel.secret)]
    address = secrets[channel.url].rstrip("/") if channel.url else API
    variable = channel.url or str(channel.secret)

    def send(message: Message, recipients: tuple[str, ...]) -> None:
        for event in payload(message, recipients, channel):
            path = "/v2/enqueue" if "event_action" in event else "/v2/change/enqueue"
            post_json(wire, Target(address + path, "PagerDuty", variable, (key,)), {"routing_key": key, **event})

    return Sender(send)


def _event(message: Message, line: Line, recipients: Sequence[str]) -> dict[str, Any]:
    told = line.told
    found: dict[str, Any] = {
        "payload": {
            "summary": line.headline[:LONGEST_SUMMARY],
            "source": f"{message.company}/{told.subject}",
            "timestamp": message.at.isoformat(),
            "custom_details": {
                **dict(line.facts),
                "recipients": list(recipients),
                "actions": [item for listing in line.listings if listing.boxes for item in listing.items],
                "commands": [command for _, command in line.commands],
                "notes": list(message.notes),
                "notice": message.id,
            },
        },
        "links": [{"href": line.link, "text": told.subject}] if (line.link or "").startswith("http") else [],
    }
    if not stands(told) and told.reason not in ASKS:
        return found
    found["payload"] |= {"component": told.subject, "class": told.rule, "group": message.company}
    key = told.notice_id if told.reason in ASKS else told.alert_key
    if message.is_test:
        key = f"test-{key}"  # a trial neither joins nor ends a real incident
    if told.level == "ok":
        return {**found, "event_action": "resolve", "dedup_key": key}
    found["payload"]["severity"] = SEVERITIES[told.level]
    return {**found, "event_action": "trigger", "dedup_key": key}
