"""What must hold of monitors and metrics."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Number, Text, Whole
from kpi_pipeline.schemas.facts.base import YEAR_2000_MS, FactModel, instant
from kpi_pipeline.schemas.polars_only import pandera as pa


class MonitorInterval(FactModel):
    _order = (("start_at", "end_at"),)

    monitor_id: Text
    monitor: Text
    state: Text = pa.Field(isin=("down", "paused", "maintenance", "unchecked"))
    start_at: Whole = pa.Field(ge=0)
    end_at: Whole = instant(nullable=True)


class MetricSample(FactModel):
    metric: Text
    series: Text
    sampled_at: Whole = instant()
    value: Number

    class Config(FactModel.Config):
        unique = ("metric", "series", "sampled_at")


class HistogramIncrease(FactModel):
    metric: Text
    series: Text
    le: Number
    hour_start_at: Whole = pa.Field(ge=YEAR_2000_MS)
    hour_end_at: Whole = instant()
    increase: Whole = pa.Field(ge=0)

    class Config(FactModel.Config):
        unique = ("metric", "series", "le", "hour_start_at")

    @pa.dataframe_check
    @classmethod
    def hours_are_hours(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("hour_end_at") - pl.col("hour_start_at") == 3_600_000)


class CounterIncrease(FactModel):
    metric: Text
    series: Text
    hour_start_at: Whole = instant()
    hour_end_at: Whole = instant()
    increase_e3: Whole = pa.Field(ge=0)

    class Config(FactModel.Config):
        unique = ("metric", "series", "hour_start_at")

    @pa.dataframe_check
    @classmethod
    def hours_are_hours(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("hour_end_at") - pl.col("hour_start_at") == 3_600_000)


MODELS: dict[str, type[FactModel]] = {
    "monitor_interval": MonitorInterval,
    "metric_sample": MetricSample,
    "histogram_increase": HistogramIncrease,
    "counter_increase": CounterIncrease,
}
