"""Product use by user, kind of event and local day: events counted once, for every KPI that asks who was active."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.product_events import events, is_one_of, names
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One scan over the events. `qualifying` are the events of the setting `qualifying_events`."""
    source = facts.filled_by("usage_day")
    rows = events(facts, source)
    rows = rows.mutate(day=local_day(rows.occurred_at, facts.company.zone))
    days = rows.group_by("user_id", "event", "day").agg(
        account_id=rows.account_id.min(),
        role=rows.role.min(),
        times=rows.count().cast("int64"),
        first_at=rows.occurred_at.min(),
    )
    return days.mutate(qualifying=is_one_of(days.event, names(facts, source, "qualifying_events")))
