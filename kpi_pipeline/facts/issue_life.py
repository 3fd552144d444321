"""The life of Linear issues, for the facts about them: stays in one kind of state, and the priority at each instant."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER, running_total
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

CLOSED = ("completed", "canceled", "duplicate")


def issues(facts: FactTables) -> Table:
    """Every issue that was not thrown away: issue_id, identifier, team, created_at, and `priority` as it is now."""
    rows = facts.records("linear", "issues")
    return rows.filter(~rows.trashed.fill_null(False)).select(
        issue_id=rows.id,
        identifier=rows.identifier,
        team=rows.team_key,
        created_at=epoch_ms(rows.created_at),
        priority=rows.priority,
    )


def stays(facts: FactTables, *, completed: bool) -> Table:
    """Uninterrupted stays in a completed state, or in an open one: issue_id, start_at, end_at (null while it lasts).

    Moves between states of the same kind ("Done" to "Released", "Triage" to "In progress") do not interrupt a stay.
    """
    spans = facts.records("linear", "state_spans")
    states = facts.records("linear", "workflow_states")
    named = states.select(known_id=states.id, known_type=states.type)
    spans = spans.left_join(named, spans.state_id == named.known_id)
    kind = spans.state_type.coalesce(spans.known_type)
    inside = kind == "completed" if completed else ~kind.isin(CLOSED)
    spans = spans.select(
        "issue_id",
        span_id=spans.id,
        start_at=epoch_ms(spans.started_at),
        end_at=epoch_ms(spans.ended_at).coalesce(FOREVER),
        inside=ibis.ifelse(inside.coalesce(False), 1, 0).cast("int64"),
    )
    order = [spans.start_at, spans.end_at, spans.span_id]
    before = spans.inside.lag().over(group_by=spans.issue_id, order_by=order).coalesce(0)
    spans = spans.mutate(begins=ibis.ifelse((spans.inside == 1) & (before == 0), 1, 0).cast("int64"))
    upto = ibis.cumulative_window(group_by=spans.issue_id, order_by=[spans.start_at, spans.end_at, spans.span_id])
    spans = spans.mutate(stay=running_total(spans.begins, upto)).filter(lambda t: t.inside == 1)
    merged = spans.group_by("issue_id", "stay").agg(start_at=spans.start_at.min(), end_at=spans.end_at.max())
    return merged.select("issue_id", "start_at", end_at=merged.end_at.nullif(FOREVER))


def priorities(facts: FactTables) -> Table:
    """Which priority an issue had when: issue_id, from_at, to_at (2^62 while it lasts), priority.

    From issue_history; an issue whose priority never changed has had its present one since ever.
    """
    history = facts.records("linear", "issue_history")
    changes = history.filter(history.to_priority.notnull()).select(
        "issue_id",
        changed_at=epoch_ms(history.created_at),
        change_id=history.id,
        old=history.from_priority,
        new=history.to_priority,
    )
    window = ibis.window(group_by=changes.issue_id, order_by=[changes.changed_at, changes.change_id])
    changes = changes.mutate(
        next_at=changes.changed_at.lead().over(window).coalesce(FOREVER), number=ibis.row_number().over(window)
    )
    after = changes.select("issue_id", from_at="changed_at", to_at="next_at", priority="new")
    first = changes.filter(changes.number == 0)
    before = first.select(
        "issue_id", from_at=ibis.literal(0, "int64"), to_at="changed_at", priority=first.old.coalesce(0)
    )
    unchanged = facts.once(issues).anti_join(first, "issue_id")
    always = unchanged.select(
        "issue_id", "priority", from_at=ibis.literal(0, "int64"), to_at=ibis.literal(FOREVER, "int64")
    ).select("issue_id", "from_at", "to_at", "priority")
    return ibis.union(after, before, always)
