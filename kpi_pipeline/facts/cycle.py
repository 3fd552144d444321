"""Sprints of the teams."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a cycle; `completed_at` is when the team closed it."""
    rows = facts.records("linear", "cycles")
    teams = facts.records("linear", "teams").select(known_id="id", team="key")
    found = rows.left_join(teams, rows.team_id == teams.known_id)
    return found.select(
        "number",
        cycle_id=found.id,
        team=found.team.coalesce(found.team_id),
        starts_at=epoch_ms(found.starts_at),
        ends_at=epoch_ms(found.ends_at),
        completed_at=epoch_ms(found.completed_at),
    )
