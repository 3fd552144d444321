"""Messages we sent, and what finally became of them."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a message and recipient that Mailgun accepted for sending.

    A temporary failure is not final: Mailgun tries for 8 hours and then gives up by a permanent one. A permanent
    failure after a delivery is a bounce that came late: the message was not delivered. Mail that came in, that a route
    forwarded, or that was sent in test mode is not ours.
    """
    events = facts.records("mailgun", "events")
    ours = events.is_authenticated.fill_null(True) & ~events.is_routed.fill_null(False)
    events = events.filter(ours & ~events.is_test.fill_null(False))
    events = events.mutate(
        message_id=events.message_id + "/" + events.recipient_hash, happened_at=epoch_ms(events.occurred_at)
    )
    messages = events.group_by("message_id").agg(
        accepted_at=events.happened_at.min(where=events.event == "accepted"),
        arrived_at=events.happened_at.min(where=events.event == "delivered"),
        failed_at=events.happened_at.min(where=(events.event == "failed") & (events.severity == "permanent")),
        tag=events.tag.min(),
    )
    messages = messages.filter(messages.accepted_at.notnull())
    bounced = messages.failed_at.notnull()
    return messages.mutate(delivered_at=ibis.ifelse(bounced, ibis.null("int64"), messages.arrived_at))
