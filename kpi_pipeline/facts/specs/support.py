"""Questions to the support desk."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, instant, text, whole

SPECS = (
    FactSpec(
        "support_ticket",
        "A question of a customer to support.",
        ("ticket_id",),
        {
            "ticket_id": text("id of the ticket"),
            "company_id": text("the company in the CRM", nullable=True),
            "created_at": instant("when it came in"),
            "first_reply_at": instant("first answer of a person", nullable=True),
            "replies": whole("answers of people"),
            "resolved_at": instant("when it was solved", nullable=True),
            "reopened_at": instant("when it was opened again", nullable=True),
            "product_line": text("what it is about", nullable=True),
            "priority": text("how urgent", nullable=True),
            "developer_involved": flag("a developer had to look at it"),
            "is_duplicate": flag("says what another ticket says"),
        },
        alternatives={"sql": (("sql", "tickets"),), "hubspot": (("hubspot", "tickets"),)},
    ),
)
