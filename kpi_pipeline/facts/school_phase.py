"""Spans in which a school is in a pilot, or under contract."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.school_deals import school_deals, schools
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a pilot and one a contract; a school whose pilot goes over into a contract has both, one after the other.

    A contract without a last day lasts.
    """
    pilots = facts.table("pilot")
    running = pilots.select(
        "school_id", deal_id="pilot_id", phase=ibis.literal("pilot"), start_at="started_at", end_at="ended_at"
    )
    deals = facts.once(school_deals)
    won = deals.filter(deals.won)
    contracts = won.select(
        "school_id", "deal_id", phase=ibis.literal("contract"), start_at="closed_at", end_at="contract_ends_at"
    )
    spans = ibis.union(running, contracts)
    spans = spans.filter(spans.end_at.isnull() | (spans.end_at > spans.start_at))
    about = facts.once(schools).select("segment", "holiday_region", known_id="school_id")
    return spans.left_join(about, spans.school_id == about.known_id)
