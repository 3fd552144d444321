"""What was asked and answered."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, instant, text, whole

SPECS = (
    FactSpec(
        "survey_invitation",
        "A survey that was sent for a booking, reminders included.",
        ("invitation_id",),
        {
            "invitation_id": text("id in the register"),
            "booking_id": text("the booking"),
            "sent_at": instant("when it was sent"),
            "delivered_at": instant("when it was delivered", nullable=True),
            "bounced_at": instant("when it came back", nullable=True),
            "answered_at": instant("first completed answer at or after sending", nullable=True),
            "is_reminder": flag("a repeat of an earlier invitation"),
        },
        reads=(("registers", "survey_invitations"), ("typeform", "responses")),
    ),
    FactSpec(
        "survey_answer",
        "A number that a respondent gave to one question of a completed survey.",
        ("answer_id",),
        {
            "answer_id": text("form, response and field"),
            "form": text("id of the form"),
            "question": text("the question's ref, which outlives its wording"),
            "respondent": text("who answered, e.g. the booking; the response itself where nobody is named"),
            "event_at": instant("local midnight of the event asked about, else the submission"),
            "submitted_at": instant("when it was sent in"),
            "superseded_at": instant("when the respondent answered it again in the same wave", nullable=True),
            "score": whole("the number given"),
            "customer_id": text("the company's customer the respondent speaks for", nullable=True),
            "target_group": text("which group was asked, e.g. users", nullable=True),
            "wave": text("which round of a repeated survey, e.g. 2026-Q1", nullable=True),
        },
        reads=(("typeform", "responses"), ("typeform", "answers")),
    ),
)
