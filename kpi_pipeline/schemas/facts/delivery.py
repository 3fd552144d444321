"""What must hold of the delivery of software."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class PipelineRun(FactModel):
    _order = (("started_at", "completed_at"),)

    run_id: Text = pa.Field(unique=True)
    repository: Text
    workflow: Text = maybe()
    branch: Text = maybe()
    is_default_branch: Flag
    event: Text
    started_at: Whole = instant()
    completed_at: Whole = instant(nullable=True)
    conclusion: Text = maybe()
    attempt: Whole = pa.Field(ge=1)

    @pa.dataframe_check
    @classmethod
    def only_what_ended_has_a_conclusion(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("completed_at").is_null() == pl.col("conclusion").is_null())


MODELS: dict[str, type[FactModel]] = {
    "pipeline_run": PipelineRun,
}
