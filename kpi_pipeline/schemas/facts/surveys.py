"""What must hold of surveys."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant
from kpi_pipeline.schemas.polars_only import pandera as pa


class SurveyInvitation(FactModel):
    _order = (("sent_at", "answered_at"),)

    invitation_id: Text = pa.Field(unique=True)
    booking_id: Text
    sent_at: Whole = instant()
    delivered_at: Whole = instant(nullable=True)
    bounced_at: Whole = instant(nullable=True)
    answered_at: Whole = instant(nullable=True)
    is_reminder: Flag


class SurveyAnswer(FactModel):
    _order = (("submitted_at", "superseded_at"),)

    answer_id: Text = pa.Field(unique=True)
    form: Text
    question: Text
    respondent: Text
    event_at: Whole = instant()
    submitted_at: Whole = instant()
    superseded_at: Whole = instant(nullable=True)
    score: Whole
    customer_id: Text = pa.Field(nullable=True)
    target_group: Text = pa.Field(nullable=True)
    wave: Text = pa.Field(nullable=True)


MODELS: dict[str, type[FactModel]] = {
    "survey_invitation": SurveyInvitation,
    "survey_answer": SurveyAnswer,
}
