"""When deals entered their stages, from the history that HubSpot keeps of the stage property."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def entries(facts: FactTables) -> Table:
    """Every entry of a deal into a stage: deal_id, stage_id, entered_at, closed (the stage ends the deal)."""
    rows = facts.records("hubspot", "deal_stage_history")
    stages = facts.records("hubspot", "pipelines_stages")
    # A stage's id is unique in its account, but for those of pipelines that HubSpot made itself: same meaning there.
    ends = stages.filter(stages.object == "deals").group_by(known_id="stage_id").agg(closed=stages.is_closed.any())
    found = rows.left_join(ends, rows.stage_id == ends.known_id)
    return found.select(
        "deal_id", "stage_id", entered_at=epoch_ms(found.entered_at), closed=found.closed.fill_null(False)
    )


def first_entry(facts: FactTables, stage: str | None, name: str) -> Table:
    """The first entry of each deal into one stage: entered_id, and the instant as `name`; no rows for no stage."""
    rows = facts.once(entries)
    rows = rows.filter(rows.stage_id == ibis.literal(stage, "string"))
    return rows.group_by(entered_id="deal_id").agg(**{name: rows.entered_at.min()})


def left_the_open_stages(facts: FactTables) -> Table:
    """When each deal entered the closed stages that it did not leave again: left_id, left_at."""
    rows = facts.once(entries)
    opened = rows.filter(~rows.closed).group_by(open_id="deal_id").agg(last_open_at=rows.entered_at.max())
    closed = rows.filter(rows.closed)
    both = closed.left_join(opened, closed.deal_id == opened.open_id)
    after = both.filter(both.entered_at > both.last_open_at.coalesce(0))
    return after.group_by(left_id="deal_id").agg(left_at=after.entered_at.min())
