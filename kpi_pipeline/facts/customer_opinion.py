"""What customers think, weighed by what they are worth."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables

MONTHS = 12


def build(facts: FactTables) -> Table:
    """One row each time somebody of a customer answered: the answers of that wave that then stood, and the ARR."""
    given = facts.table("survey_answer")
    given = facts.computed(given.filter(given.customer_id.notnull()).mutate(wave=given.wave.coalesce("")))
    moments = given.group_by("form", "question", "customer_id", "wave", answered_at="submitted_at").agg()
    standing = moments.join(
        given.select("form", "question", "customer_id", "wave", "submitted_at", "superseded_at", "score"),
        ["form", "question", "customer_id", "wave"],
    )
    standing = standing.filter(
        standing.submitted_at <= standing.answered_at,
        standing.superseded_at.isnull() | (standing.superseded_at > standing.answered_at),
    )
    opinions = standing.group_by("form", "question", "customer_id", "wave", "answered_at").agg(
        answers=standing.count(), score_total=standing.score.sum()
    )
    in_order = ibis.window(group_by=["form", "question", "customer_id"], order_by=["answered_at", "wave"])
    opinions = opinions.mutate(superseded_at=opinions.answered_at.lead().over(in_order))
    worth = _arr(facts, moments.select("customer_id", "answered_at").distinct())
    rows = opinions.left_join(worth, ["customer_id", "answered_at"])
    arr = rows.arr_minor.coalesce(0)
    twice = 2 * rows.answers
    return rows.mutate(arr_minor=arr, arr_score_minor=(arr * rows.score_total * 2 + rows.answers) // twice)


def _arr(facts: FactTables, moments: Table) -> Table:
    """customer_id, answered_at, arr_minor: twelve times the sum of the customer's changes before that instant."""
    changes = facts.table("mrr_change").select("customer_id", "changed_at", "delta_minor")
    before = moments.join(changes, ["customer_id", changes.changed_at < moments.answered_at])
    return before.group_by("customer_id", "answered_at").agg(arr_minor=(before.delta_minor.sum() * MONTHS))
