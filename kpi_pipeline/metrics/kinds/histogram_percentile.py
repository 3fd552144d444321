"""histogram_percentile: Prometheus' histogram_quantile over all series, of the window or of its worst clock hour.

Percentiles are never averaged over hours or instances: the buckets are added first.
https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import ibis
import ibis.expr.types as ir
from pydantic import Field

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import NOTHING_WAITED, Context, Kind, Params, Records, given
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.side import Rows, spans
from kpi_pipeline.metrics.words import condition, term

INFINITE = 1e308  # how facts write the bound +Inf


class Buckets(Rows):
    """Rows are increases of cumulative bucket counters: columns le (upper bound), hour_start_at, hour_end_at, increase.

    An hour counts once it is over.
    """

    time: str = "hour_start_at"

    def named_columns(self) -> list[str]:
        return [*super().named_columns(), "hour_end_at", "le", "increase"]


class HistogramPercentileParams(Params):
    """`percent` of the observations of the whole window, or of its worst hour, lie at or below the answer."""

    of: Buckets
    percent: int = Field(ge=1, le=99)
    over: Literal["worst hour", "window"] = "worst hour"

    @property
    def only_rises(self) -> bool:
        return self.over == "worst hour"


def build(params: HistogramPercentileParams, context: Context) -> ir.Table:
    """numerator = clock hours with observations, denominator = hours with counters, n = observations.

    Hours in which nothing was observed have no value; a window of only such hours has the reason nothing_waited.
    """
    daily = _worst_hours(params, context) if params.over == "worst hour" else _whole_windows(params, context)
    whole = for_every_day(daily, context, "value", "valued", "covered", "observations")
    valued, covered = ibis.coalesce(whole.valued, 0), ibis.coalesce(whole.covered, 0)
    return whole.select(
        "day_index",
        "value",
        numerator=valued,
        denominator=covered,
        n=ibis.coalesce(whole.observations, 0),
        reason=ibis.ifelse((covered > 0) & (valued == 0), NOTHING_WAITED, ibis.null("string")),
    )


def _worst_hours(params: HistogramPercentileParams, context: Context) -> ir.Table:
    rows = _over(params, context, ["le", "increase", "hour_start_at", "hour_end_at"])
    keys = ("hour_start_at", "enter", "exit")
    seen = rolling.day_by_day(_percentiles(rows, keys, params.percent), context.spine)
    return seen.group_by("day_index").agg(
        value=seen.value.max(),
        valued=seen.value.count().cast("int64"),
        covered=seen.count().cast("int64"),
        observations=ibis.coalesce(seen.observations.sum(), 0).cast("int64"),
    )


def _whole_windows(params: HistogramPercentileParams, context: Context) -> ir.Table:
    rows = _over(params, context, ["le", "increase", "hour_start_at", "hour_end_at"])
    hourly = rows.group_by("hour_start_at", "enter", "exit", "le").agg(increase=rows.increase.sum().cast("int64"))
    seen = rolling.day_by_day(hourly, context.spine)
    observed = seen.filter(seen.le >= INFINITE, seen.increase > 0)
    valued = observed.group_by(valued_day="day_index").agg(valued=observed.hour_start_at.nunique().cast("int64"))
    covered = seen.group_by(covered_day="day_index").agg(covered=seen.hour_start_at.nunique().cast("int64"))
    found = _percentiles(seen, ("day_index",), params.percent)
    beside = found.left_join(covered, found.day_index == covered.covered_day)
    whole = beside.left_join(valued, beside.day_index == valued.valued_day)
    return whole.select("day_index", "value", "covered", "observations", valued=ibis.coalesce(whole.valued, 0))


def _over(params: HistogramPercentileParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    """The increases of hours that are over; one that ends with the day belongs to it."""
    rows = spans(params.of, context, columns)
    return rows.filter(rows.hour_end_at <= context.spine.now_ms)


def _percentiles(rows: ir.Table, keys: tuple[str, ...], percent: int) -> ir.Table:
    """Per group of `keys`, the first of which tells groups apart: value, observations."""
    buckets = rows.group_by(*keys, "le").agg(increase=rows.increase.sum().cast("int64"))
    up_to_here = ibis.window(group_by=keys[0], order_by="le", preceding=None, following=0)
    in_order = ibis.window(group_by=keys[0], order_by="le")
    # A counter that restarted between two readings can leave a bucket above its successor; Prometheus lifts those too.
    lifted = buckets.mutate(up_to=buckets.increase.max().over(up_to_here))
    placed = lifted.mutate(
        before=ibis.coalesce(lifted.up_to.lag().over(in_order), 0),
        below=lifted.le.lag().over(in_order),
        observed=ibis.ifelse(lifted.le >= INFINITE, lifted.up_to, ibis.null("int64")),
    )
    counted = placed.mutate(observations=placed.observed.max().over(ibis.window(group_by=keys[0])))
    rank = counted.observations * percent  # in hundredths of an observation, so it stays whole
    hit = (counted.up_to * 100 >= rank) & (counted.before * 100 < rank)
    return counted.group_by(*keys).agg(
        value=ibis.ifelse(hit, _inside(counted, rank), ibis.null("float64")).max(),
        observations=counted.observations.max(),
    )


def _inside(buckets: ir.Table, rank: ir.IntegerValue) -> ir.FloatingValue:
    """Linear inside the bucket; the highest finite bound beyond it; a first bucket at or below 0 is its bound."""
    lower = ibis.coalesce(buckets.below, 0.0)
    share = (rank - buckets.before * 100).cast("float64") / ((buckets.up_to - buckets.before) * 100).cast("float64")
    return ibis.cases(
        (buckets.up_to == buckets.before, ibis.null("float64")),
        (buckets.le >= INFINITE, buckets.below),
        (buckets.below.isnull() & (buckets.le <= 0), buckets.le),
        else_=lower + (buckets.le - lower) * share,
    )


def records(params: HistogramPercentileParams, context: Context) -> Iterable[Records]:
    yield Records("value", params.of.fact, _over(params, context).drop("enter", "exit"))


def words(params: HistogramPercentileParams, language: str) -> str:
    nl = language == "nl"
    worst = "van elk klokuur, het slechtste uur telt" if nl else "of each clock hour, the worst hour counts"
    whole = "van alle waarnemingen" if nl else "of all observations"
    of = worst if params.over == "worst hour" else whole
    return f"p{params.percent} {of}: {term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()


HISTOGRAM_PERCENTILE = Kind("histogram_percentile", HistogramPercentileParams, build, records, given, words)
