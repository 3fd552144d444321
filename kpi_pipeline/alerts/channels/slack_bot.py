"""Slack by a bot's token: an alert's first message shows how it stands now, and its thread how it came to that.

What follows goes into the first message's thread; before that the first message is updated, which can be done again
without harm. News that needs eyes (worse, recovered, taken up by nobody) is shown in the room as well. Slack answers
HTTP 200 to what it does not take and says why in `error`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.alerts.channels import blocks
from kpi_pipeline.alerts.channels.post import LATER, Target, post_json, retry_after_s, said_by
from kpi_pipeline.alerts.channels.slack import EVERY_S
from kpi_pipeline.alerts.channels.wire import Accepted, Pace, Sender, Wire
from kpi_pipeline.alerts.message import Message, Outdated
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused

API = "https://slack.com/api"
BROADCAST = frozenset({"worse", "resolved", "corrected", "escalation", "silence_expired"})
# https://docs.slack.dev/reference/methods/chat.postMessage lists the errors; these pass by themselves.
PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
    }
)


def payload(message: Message, recipients: Sequence[str], channel: Channel) -> dict[str, Any]:
    """The body of chat.postMessage, as an answer when every alert in it has the same first message."""
    found = {
        **blocks.body(message, recipients),
        "channel": channel.room,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "kpi_notice", "event_payload": {"id": message.id}},
    }
    first = message.answers[0].reference if len(message.answers) == 1 else None
    if first is None:
        return found
    return {**found, "thread_ts": _place(first)[1], "reply_broadcast": bool(message.reasons & BROADCAST)}


def sender(channel: Channel, secrets: Mapping[str, str], wire: Wire) -> Sender:
    token = secrets[str(channel.secret)]
    address = secrets[channel.url].rstrip("/") if channel.url else API
    posting, updating = (
        Target(f"{address}/{method}", "Slack", channel.url or str(channel.secret), (token,))
        for method in ("chat.postMessage", "chat.update")
    )
    pace = Pace(wire, EVERY_S)

    def update(old: Outdated) -> str | None:
        """Why Slack does not show the first message anew; None when it does."""
        room, ts = _place(old.reference)
        body = {**blocks.body(old.now, old.recipients), "channel": room or channel.room, "ts": ts}
        found = _post(wire, updating, body, token)
        return None if found["ok"] else f"an earlier message could not be updated: Slack said {found.get('error')!r}"

    def send(message: Message, recipients: tuple[str, ...]) -> Accepted:
        remarks = dict.fromkeys(remark for old in message.outdated if (remark := update(old)) is not None)
        body = payload(message, recipients, channel)
        if remarks and "thread_ts" in body:
            body["reply_broadcast"] = True  # the first message does not show it, so the room does
        pace.take()
        found = _post(wire, posting, body, token)
        if found.get("error") == "thread_not_found" and "thread_ts" in body:
            # Somebody deleted the first message; what is to be told begins anew.
            pace.take()
            body = {name: value for name, value in body.items() if name not in ("thread_ts", "reply_broadcast")}
            found = _post(wire, posting, body, token)
        if not found.get("ok"):
            raise DeliveryRefused(
                f"posting to the Slack room {channel.room}",
                f"Slack said {found.get('error')!r}",
                remedy=f"Check the token in {channel.secret}, its scope chat:write, and that the bot is in the room",
            )
        # A thread is named by its first message, whichever message of it is answered.
        reference = message.answers[0].reference if "thread_ts" in body else f"{found['channel']}/{found['ts']}"
        return Accepted(str(reference), "; ".join(remarks) or None)

    return Sender(send, pace, updates=True)


def _place(reference: str) -> tuple[str, str]:
    """The id of the room and the timestamp of a message. An update takes no room by its name; what was sent before that
    was known has no room."""
    room, _, ts = reference.rpartition("/")
    return room, ts


def _post(wire: Wire, target: Target, body: Mapping[str, Any], token: str) -> dict[str, Any]:
    """Slack's answer, whatever it is but an error that passes."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
    answer = post_json(wire, target, body, headers)
    try:
        found = answer.json()
    except ValueError:
        found = None
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("ok"), bool)
        or (found["ok"] and not found.keys() >= {"channel", "ts"})
    ):
        raise DeliveryRefused(
            target.doing,
            f"HTTP {answer.status_code} that is no answer of Slack: {said_by(answer, target)[:80]!r}",
            remedy=target.check,
        )
    if not found["ok"] and found.get("error") in PASSING:
        after_s = retry_after_s(answer, wire.now())
        raise DeliveryDelayed(target.doing, f"Slack said {found['error']!r}", remedy=LATER, after_s=after_s)
    return found
