"""Pilots of schools: when they ran, how they ended, and the contract that some of them led to."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.school_deals import school_deals, schools, when
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a deal that ever entered the pilot stage. A pilot ends with its deal, or after its last planned day."""
    deals = facts.once(school_deals)
    deals = deals.filter(deals.pilot_started_at.notnull())
    about = facts.once(schools).select("segment", known_id="school_id")
    rows = deals.left_join(about, deals.school_id == about.known_id)
    ends = ibis.least(rows.closed_at.coalesce(FOREVER), rows.pilot_planned_end_at.coalesce(FOREVER)).nullif(FOREVER)
    return rows.select(
        "school_id",
        "segment",
        "annual",
        pilot_id=rows.deal_id,
        started_at=rows.pilot_started_at,
        planned_end_at=rows.pilot_planned_end_at,
        ended_at=ibis.greatest(ends, rows.pilot_started_at),
        signed_at=when(rows.won, rows.closed_at),
    )
