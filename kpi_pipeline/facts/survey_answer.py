"""Scores given in surveys."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import day_of_text, local_midnight
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

NOTHING: Mapping[str, str] = {}


def build(facts: FactTables) -> Table:
    """One row a whole-number answer of a completed response.

    `superseded_at` lets a reader take the latest answer of a wave as of any instant. A hidden event date that is none
    (people can edit the address of a form) counts as none.
    """
    about = {"dated": "event_date", "customer_id": "customer", "target_group": "target_group", "wave": "wave"}
    responses = completed_responses(facts, "respondent", about)
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
        customer_id="customer_id",
        target_group="target_group",
        wave="wave",
    )
    rows = rows.mutate(event_at=local_midnight(rows.event_day, facts.company.zone).coalesce(rows.submitted_at))
    window = ibis.window(
        group_by=[rows.form, rows.question, rows.respondent, rows.wave], order_by=[rows.submitted_at, rows.answer_id]
    )
    return rows.mutate(superseded_at=rows.submitted_at.lead().over(window))


def completed_responses(facts: FactTables, name: str, about: Mapping[str, str] = NOTHING) -> Table:
    """Responses that were sent in: form_id, token, submitted_at, and hidden fields: `named`, and those asked for.

    `name` is the key of the company's Typeform settings that says which hidden field is meant; `about` maps further
    columns to such keys, and a column is null where the company has no setting for it.
    """
    rows = facts.records("typeform", "responses")
    rows = rows.filter((rows.response_type == "completed") & rows.submitted_at.notnull())
    settings = facts.company.sources["typeform"].settings
    hidden = {
        column: facts.named_column(rows, "typeform", setting, "hidden_{}").nullif("")
        for column, setting in {"named": name, **about}.items()
        if setting == name or setting in settings
    }
    missing = {column: ibis.null("string") for column in about if column not in hidden}
    return rows.select("form_id", "token", submitted_at=epoch_ms(rows.submitted_at), **hidden, **missing)
