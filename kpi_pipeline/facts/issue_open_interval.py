"""Spans in which issues were open, cut where their priority changed."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.issue_life import issues, priorities, stays
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row an open stay and priority; open is any state but completed, canceled and duplicate."""
    open_stays = stays(facts, completed=False)
    open_stays = open_stays.mutate(end_at=open_stays.end_at.coalesce(FOREVER))
    open_stays = open_stays.join(facts.once(issues).drop("priority"), "issue_id")
    priority = facts.once(priorities)
    cut = open_stays.join(
        priority,
        [
            open_stays.issue_id == priority.issue_id,
            open_stays.start_at < priority.to_at,
            priority.from_at < open_stays.end_at,
        ],
    )
    return cut.mutate(
        start_at=ibis.greatest(cut.start_at, cut.from_at),
        end_at=ibis.least(cut.end_at, cut.to_at).nullif(FOREVER),
    )
