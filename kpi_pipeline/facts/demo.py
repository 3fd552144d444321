"""Meetings with schools, and the pilots that came after them."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a meeting; its pilot is the first of the school that began at or after the start of the meeting."""
    meetings = facts.table("meeting")
    pilots = facts.table("pilot").select("started_at", of_school="school_id")
    both = meetings.join(pilots, [meetings.company_id == pilots.of_school, pilots.started_at >= meetings.starts_at])
    first = both.group_by(met="meeting_id").agg(pilot_started_at=both.started_at.min())
    found = meetings.left_join(first, meetings.meeting_id == first.met)
    return found.mutate(school_id=found.company_id)
