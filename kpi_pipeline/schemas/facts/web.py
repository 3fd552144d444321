"""What must hold of the website."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel
from kpi_pipeline.schemas.polars_only import pandera as pa


class WebDay(FactModel):
    _order = (("engaged_sessions", "sessions"),)

    day: Whole
    channel: Text
    sessions: Whole = pa.Field(ge=0)
    engaged_sessions: Whole = pa.Field(ge=0)
    page_views: Whole = pa.Field(ge=0)
    users: Whole = pa.Field(ge=0)
    thresholded: Flag

    class Config(FactModel.Config):
        unique = ("day", "channel")


class WebMonth(FactModel):
    month_day: Whole = pa.Field(unique=True)
    users: Whole = pa.Field(ge=0)
    thresholded: Flag

    @pa.dataframe_check
    @classmethod
    def a_month_only_gains_users(cls, data: pa.PolarsData) -> pl.LazyFrame:
        month = pl.from_epoch("month_day", time_unit="d").dt.truncate("1mo")
        gained = pl.col("users").diff().over(month, order_by="month_day")
        return data.lazyframe.select((gained >= 0).fill_null(True))


MODELS: dict[str, type[FactModel]] = {
    "web_day": WebDay,
    "web_month": WebMonth,
}
