"""What is expected of deals: who works them, in which stage, how likely and when they close."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a deal that exists, with the probability that its pipeline gives its stage."""
    deals = unmerged(facts.records("hubspot", "deals"))
    stages = facts.records("hubspot", "pipelines_stages")
    stages = stages.filter(stages.object == "deals").select(
        "pipeline_id",
        "stage_id",
        stage_name=stages.label,
        stage_place=stages.display_order,
        probability_e4=(stages.probability * 10_000).round().cast("int64"),
    )
    found = deals.left_join(stages, ["pipeline_id", "stage_id"])
    return found.select(
        "owner_id",
        "stage_name",
        "stage_place",
        "probability_e4",
        deal_id=found.id,
        expected_at=epoch_ms(found.closed_at),
    )
