"""Scores given in surveys."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import day_of_text, local_midnight
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a whole-number answer of a completed response.

    `superseded_at` lets a reader take the latest answer as of any instant. A hidden event date that is no date (people
    can edit the address of a form) counts as none.
    """
    responses = completed_responses(facts, "respondent", "event_date")
    answers = facts.records("typeform", "answers")
    answers = answers.filter(answers.number.notnull() & (answers.number == answers.number.round()))
    rows = answers.select("form_id", "token", "field_id", "ref", "number").join(responses, ["form_id", "token"])
    answer_id = rows.form_id + ":" + rows.token + ":" + rows.field_id
    rows = rows.select(
        "submitted_at",
        answer_id=answer_id,
        form="form_id",
        question="ref",
        respondent=rows.named.coalesce(answer_id),
        event_day=day_of_text(rows.dated),
        score=rows.number.round().cast("int64"),
    )
    rows = rows.mutate(event_at=local_midnight(rows.event_day, facts.company.zone).coalesce(rows.submitted_at))
    window = ibis.window(
        group_by=[rows.form, rows.question, rows.respondent], order_by=[rows.submitted_at, rows.answer_id]
    )
    return rows.mutate(superseded_at=rows.submitted_at.lead().over(window))


def completed_responses(facts: FactTables, name: str, date: str | None = None) -> Table:
    """Responses that were sent in: form_id, token, submitted_at, `named` and (asked for) `dated`, both hidden fields.

    `name` and `date` are keys of the company's Typeform settings that say which hidden field is meant.
    """
    rows = facts.records("typeform", "responses")
    rows = rows.filter((rows.response_type == "completed") & rows.submitted_at.notnull())
    wanted = {"named": name} if date is None else {"named": name, "dated": date}
    hidden = {
        column: facts.named_column(rows, "typeform", setting, "hidden_{}").nullif("")
        for column, setting in wanted.items()
    }
    return rows.select("form_id", "token", submitted_at=epoch_ms(rows.submitted_at), **hidden)
