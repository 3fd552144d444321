"""Visits to the product."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.product_events import events, is_one_of, names, outsiders
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

PAUSE_MS = 30 * 60_000
LONGEST_MS = 4 * 3_600_000


def build(facts: FactTables) -> Table:
    """One row a visit: of the product's own table where it keeps one, else made from events.

    A visit of a single event counts, with a length of 0; one left open over night counts four hours.
    """
    rows = _made(facts) if facts.filled_by("session") == "mixpanel" else _kept(facts)
    return rows.mutate(duration_ms=ibis.least(rows.ended_at - rows.started_at, LONGEST_MS))


def _kept(facts: FactTables) -> Table:
    rows = facts.records("sql", "sessions")
    users = outsiders(facts)
    rows = rows.join(users, rows.user_id == users.known_id)
    started = epoch_ms(rows.started_at)
    return rows.select(
        "session_id",
        "user_id",
        account_id=rows.account_id.coalesce(rows.known_account),
        started_at=started,
        ended_at=epoch_ms(rows.ended_at).coalesce(started),
        page_views=rows.page_views.coalesce(0),
    )


def _made(facts: FactTables) -> Table:
    """A pause of more than 30 minutes ends a visit. `page_view_events` names the events that are a page looked at."""
    rows = events(facts, "mixpanel")
    in_order = ibis.window(group_by="user_id", order_by="occurred_at")
    before = rows.occurred_at.lag().over(in_order)
    paused = before.isnull() | (rows.occurred_at - before > PAUSE_MS)
    rows = rows.mutate(begins=ibis.ifelse(paused, 1, 0))
    # rows of one instant share a frame (RANGE), so ties fall into one visit whatever their order
    to_here = ibis.range_window(group_by="user_id", order_by="occurred_at", preceding=None, following=0)
    rows = rows.mutate(visit=rows.begins.sum().over(to_here).cast("int64"))
    seen = is_one_of(rows.event, names(facts, "mixpanel", "page_view_events"))
    rows = rows.mutate(looked=ibis.ifelse(seen, 1, 0))
    visits = rows.group_by("user_id", "visit").agg(
        account_id=rows.account_id.min(),
        started_at=rows.occurred_at.min(),
        ended_at=rows.occurred_at.max(),
        page_views=rows.looked.sum(),
    )
    return visits.mutate(session_id=visits.user_id + ":" + visits.started_at.cast("string"))
