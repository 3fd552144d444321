"""Mail that we send."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, instant, text

SPECS = (
    FactSpec(
        "email_message",
        "A message to one recipient, and what finally became of it.",
        ("message_id",),
        {
            "message_id": text("id of the message and hash of the recipient"),
            "accepted_at": instant("when it was accepted for sending"),
            "delivered_at": instant("when the recipient's server took it for good", nullable=True),
            "failed_at": instant("when it failed for good, also after a delivery", nullable=True),
            "tag": text("the sender's first tag for it", nullable=True),
        },
        reads=(("mailgun", "events"),),
    ),
)
