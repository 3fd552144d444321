"""Spans in which issues were open, cut where their priority changed."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.issue_life import issues, priorities, stays
from kpi_pipeline.facts.tables import FactTables

HIGH = (1, 2)  # urgent and high: P1 and P2


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
    cut = cut.mutate(start_at=ibis.greatest(cut.start_at, cut.from_at), end_at=ibis.least(cut.end_at, cut.to_at))
    return _with_high_since(cut.drop("from_at", "to_at")).mutate(end_at=lambda t: t.end_at.nullif(FOREVER))


def _with_high_since(spans: Table) -> Table:
    """Adds `high_since_at`: start of the first of the adjoining spans that are all P1 or P2; null for other spans."""
    high = spans.priority.isin(HIGH)
    order = ibis.window(group_by=spans.issue_id, order_by=spans.start_at)
    joins = high.lag().over(order).fill_null(False) & (spans.end_at.lag().over(order) == spans.start_at)
    spans = spans.mutate(high=high, begins=ibis.ifelse(high & ~joins, spans.start_at, ibis.null("int64")))
    upto = ibis.cumulative_window(group_by=spans.issue_id, order_by=spans.start_at)
    return spans.mutate(high_since_at=ibis.ifelse(spans.high, spans.begins.max().over(upto), ibis.null("int64")))
