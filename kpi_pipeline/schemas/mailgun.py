"""Streams of Mailgun: what happened to messages."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Instant, StreamModel, Text, Whole, column


class Events(StreamModel):
    """One thing that happened to one message on its way to one recipient, who is kept as a salted hash only.

    A failure is "temporary" (Mailgun tries again, for 8 hours) or "permanent". `is_authenticated` is false for mail
    that came in, `is_routed` true for mail that was forwarded by a route: neither was sent by us. Subjects, addresses
    and user variables are not kept.
    """

    id: Text = column("id", key=True)
    event: Text = column("event", isin=("accepted", "delivered", "failed"))
    occurred_at: Instant = column("timestamp", unit="s", cursor=True)
    message_id: Text = column("message.headers.message-id")
    recipient_hash: Text = column("recipient", hashed=True)
    severity: Text = column("severity", nullable=True, isin=("temporary", "permanent"))
    reason: Text = column("reason", nullable=True)
    code: Whole = column("delivery-status.code", nullable=True)
    tag: Text = column("tags[0]", nullable=True)
    is_authenticated: Flag = column("flags.is-authenticated", nullable=True)
    is_routed: Flag = column("flags.is-routed", nullable=True)
    is_test: Flag = column("flags.is-test-mode", nullable=True)

    class Config(StreamModel.Config):
        name = "mailgun.events"
