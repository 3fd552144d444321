"""Completions of issues, each with the priority it had at that moment."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.issue_life import issues, priorities, stays
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a stay in a completed state: `completed_at` is its start, `reopened_at` its end.

    The priority is that of the instant of completion, so that lowering a P1 the day after does not take it out of the
    figures; lowering it before does.
    """
    done = stays(facts, completed=True)
    done = done.join(facts.once(issues).drop("priority"), "issue_id")
    priority = facts.once(priorities)
    found = done.join(
        priority,
        [done.issue_id == priority.issue_id, done.start_at >= priority.from_at, done.start_at < priority.to_at],
    )
    return found.mutate(completed_at=found.start_at, reopened_at=found.end_at)
