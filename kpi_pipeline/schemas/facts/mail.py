"""What must hold of mail."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class EmailMessage(FactModel):
    _order = (("accepted_at", "delivered_at"), ("accepted_at", "failed_at"))

    message_id: Text = pa.Field(unique=True)
    accepted_at: Whole = instant()
    delivered_at: Whole = instant(nullable=True)
    failed_at: Whole = instant(nullable=True)
    tag: Text = maybe()

    @pa.dataframe_check
    @classmethod
    def not_both_delivered_and_failed(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("delivered_at").is_null() | pl.col("failed_at").is_null())


MODELS: dict[str, type[FactModel]] = {
    "email_message": EmailMessage,
}
