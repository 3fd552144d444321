"""extremum: the largest or smallest sample in the window, with how many of its clock hours were covered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Records, given
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.side import OfRows, spans
from kpi_pipeline.metrics.spine import HOUR_MS
from kpi_pipeline.metrics.words import side_in_words, term


class ExtremumParams(OfRows):
    """`value` is the sampled column."""

    value: str
    take: Literal["max", "min"]

    @property
    def only_rises(self) -> bool:
        return self.take == "max"

    def further_columns(self) -> list[str]:
        return [self.value]


def build(params: ExtremumParams, context: Context) -> ir.Table:
    """value; numerator = n = clock hours with a sample, denominator = clock hours of the window begun.

    A day of the clock change has 23 or 25. No sample gives no value.
    """
    spine = context.spine
    rows = spans(params.of, context, [params.of.time, params.value]).mutate(
        local_day=lambda t: spine.local_day(t[params.of.time])
    )
    timed = rows.join(spine.local_days, "local_day")
    timed = timed.mutate(hour=(timed[params.of.time] - timed.day_start_ms) // HOUR_MS)
    daily = timed.group_by("enter", "exit").agg(
        value=timed[params.value].max() if params.take == "max" else timed[params.value].min(),
        hours=timed.hour.nunique().cast("int64"),
    )
    seen = rolling.day_by_day(daily, spine)
    found = seen.group_by("day_index").agg(
        value=seen.value.max() if params.take == "max" else seen.value.min(), hours=seen.hours.sum().cast("int64")
    )
    whole = for_every_day(found, context, "value", "hours")
    hours = ibis.coalesce(whole.hours, 0)
    begun = (whole.as_of_ms - whole.window_start_ms + (HOUR_MS - 1)) // HOUR_MS
    return whole.select("day_index", "value", numerator=hours, denominator=begun, n=hours)


def records(params: ExtremumParams, context: Context) -> Iterable[Records]:
    """The samples that reach the extremum."""
    rows = spans(params.of, context)
    column = rows[params.value]
    reached = rows.filter(column == (column.max() if params.take == "max" else column.min()).as_scalar())
    yield Records("value", params.of.fact, reached.drop("enter", "exit"))


def words(params: ExtremumParams, language: str) -> str:
    return f"{params.take} {term('of', language)} {side_in_words(params.of, language)}"


EXTREMUM = Kind("extremum", ExtremumParams, build, records, given, words)
