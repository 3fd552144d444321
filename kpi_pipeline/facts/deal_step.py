"""The way of deals through their stages, with how likely each stage makes them to be won."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an entry of a deal that exists into a stage; the probability is the one that the stage has today."""
    deals = unmerged(facts.records("hubspot", "deals")).select("pipeline_id", known_id="id")
    stages = facts.records("hubspot", "pipelines_stages")
    stages = stages.filter(stages.object == "deals").select(
        "pipeline_id", "stage_id", probability_e4=(stages.probability * 10_000).round().cast("int64")
    )
    history = facts.records("hubspot", "deal_stage_history").select("deal_id", "stage_id", "entered_at")
    steps = history.join(deals, history.deal_id == deals.known_id)
    found = steps.left_join(stages, ["pipeline_id", "stage_id"])
    return found.select("deal_id", "stage_id", "probability_e4", entered_at=epoch_ms(found.entered_at))
