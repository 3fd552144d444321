"""The stream of Mixpanel: events, as its raw export gives them."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Instant, StreamModel, Text, Whole, column


class Events(StreamModel):
    """One event. The raw export may hold an event several times, each time with the same insert id.

    Mixpanel's own advice is to tell events apart by distinct id too; that is no part of the key here, because it
    changes when an anonymous visitor becomes a known user, and the event would then count twice.
    `account_id`, `role` and `internal` are super properties that the product sends along.
    """

    insert_id: Text = column("properties.$insert_id", key=True)
    event: Text = column("event", key=True)
    distinct_id: Text = column("properties.distinct_id")
    occurred_at: Instant = column("properties.time", unit="ms", key=True, cursor=True)
    user_id: Text = column("properties.$user_id", nullable=True)
    device_id: Text = column("properties.$device_id", nullable=True)
    received_ms: Whole = column("properties.mp_processing_time_ms", nullable=True)
    account_id: Text = column("properties.account_id", nullable=True)
    role: Text = column("properties.role", nullable=True)
    internal: Flag = column("properties.internal", nullable=True)

    class Config(StreamModel.Config):
        name = "mixpanel.events"
