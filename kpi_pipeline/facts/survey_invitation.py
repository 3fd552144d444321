"""Surveys sent, with their first answer."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.survey_answer import completed_responses
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an invitation or reminder; an answer is found by the invitation's id in the form's hidden field."""
    rows = facts.records("registers", "survey_invitations")
    sent = rows.select(
        "invitation_id",
        "booking_id",
        "is_reminder",
        sent_at=epoch_ms(rows.sent_at),
        delivered_at=epoch_ms(rows.delivered_at),
        bounced_at=epoch_ms(rows.bounced_at),
    )
    responses = completed_responses(facts, "invitation").select(answers="named", submitted_at="submitted_at")
    pairs = sent.join(responses, [sent.invitation_id == responses.answers, responses.submitted_at >= sent.sent_at])
    first = pairs.group_by(answered="invitation_id").agg(answered_at=pairs.submitted_at.min())
    return sent.left_join(first, sent.invitation_id == first.answered)
