"""Streams of Prometheus: samples of the queries that a company's settings name."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Instant, Number, StreamModel, Text, column


class MetricSamples(StreamModel):
    """The value of one series of one named query at one instant of the query's grid (UTC, aligned to the step).

    `series` is the label set in label order, e.g. `instance="worker-1",queue="sync"`. `value` is null where the query
    gave NaN: it was asked and there is no number (0/0), which is neither 0 nor "not asked".
    """

    metric: Text = column("@metric", key=True)
    series: Text = column("^.series", key=True)
    sampled_at: Instant = column("[0]", unit="ms", key=True, cursor=True)
    value: Number = column("[1]", nullable=True)

    class Config(StreamModel.Config):
        name = "prometheus.metric_samples"


class HistogramSamples(StreamModel):
    """A cumulative bucket counter at one instant: how many observations ≤ `le` the series counted since its last reset.

    `series` leaves `le` out. `le` is 1e308 for the bucket without a bound: JSON has no infinity, and
    not every engine compares one.
    """

    metric: Text = column("@metric", key=True)
    series: Text = column("^.series", key=True)
    le: Number = column("^.le", key=True)
    sampled_at: Instant = column("[0]", unit="ms", key=True, cursor=True)
    count: Number = column("[1]", ge=0)

    class Config(StreamModel.Config):
        name = "prometheus.histogram_samples"


class CounterSamples(StreamModel):
    """What one series of a named counter query had counted, since its last reset, at an instant of the query's grid."""

    metric: Text = column("@metric", key=True)
    series: Text = column("^.series", key=True)
    sampled_at: Instant = column("[0]", unit="ms", key=True, cursor=True)
    count: Number = column("[1]", ge=0)

    class Config(StreamModel.Config):
        name = "prometheus.counter_samples"
