"""histogram_percentile: Prometheus' histogram_quantile per clock hour over all series, then the worst hour.

Percentiles are never averaged over hours or instances: the buckets of all series are added first.
https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    """`percent` of the observations lie at or below the answer."""

    of: Buckets
    percent: int = Field(ge=1, le=99)


def build(params: HistogramPercentileParams, context: Context) -> ir.Table:
    """value of the worst hour; numerator = clock hours with a value, denominator = hours with counters, n observations.

    Hours in which nothing was observed have no value; a window of only such hours has the reason nothing_waited.
    """
    seen = rolling.day_by_day(_hours(params, context), context.spine)
    daily = seen.group_by("day_index").agg(
        value=seen.value.max(),
        valued=seen.value.count().cast("int64"),
        covered=seen.count().cast("int64"),
        observations=ibis.coalesce(seen.observations.sum(), 0).cast("int64"),
    )
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


def _over(params: HistogramPercentileParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    """The increases of hours that are over; one that ends with the day belongs to it."""
    rows = spans(params.of, context, columns)
    return rows.filter(rows.hour_end_at <= context.spine.now_ms)


def _hours(params: HistogramPercentileParams, context: Context) -> ir.Table:
    """Per clock hour: enter, exit, value, observations."""
    rows = _over(params, context, ["le", "increase", "hour_start_at", "hour_end_at"])
    buckets = rows.group_by("hour_start_at", "enter", "exit", "le").agg(increase=rows.increase.sum().cast("int64"))
    up_to_here = ibis.window(group_by="hour_start_at", order_by="le", preceding=None, following=0)
    in_order = ibis.window(group_by="hour_start_at", order_by="le")
    # A counter that restarted between two readings can leave a bucket above its successor; Prometheus lifts those too.
    lifted = buckets.mutate(up_to=buckets.increase.max().over(up_to_here))
    placed = lifted.mutate(
        before=ibis.coalesce(lifted.up_to.lag().over(in_order), 0),
        below=lifted.le.lag().over(in_order),
        observed=ibis.ifelse(lifted.le >= INFINITE, lifted.up_to, ibis.null("int64")),
    )
    whole_hour = ibis.window(group_by="hour_start_at")
    counted = placed.mutate(observations=placed.observed.max().over(whole_hour))
    rank = counted.observations * params.percent  # in hundredths of an observation, so it stays whole
    hit = (counted.up_to * 100 >= rank) & (counted.before * 100 < rank)
    return counted.group_by("hour_start_at", "enter", "exit").agg(
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
    hour = "van elk klokuur, het slechtste uur telt" if nl else "of each clock hour, the worst hour counts"
    return f"p{params.percent} {hour}: {term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()


HISTOGRAM_PERCENTILE = Kind(
    "histogram_percentile", HistogramPercentileParams, build, records, given, words, only_rises=True
)
