"""lag: how old the newest data is, as the mean over sources and over a grid of instants in the window.

Between two syncs of a source its lag grows evenly, so what the grid sees of it is an arithmetic series: a row a sync,
not a row a sample (288 a day and source).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Company, Duration
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, check_columns, divide
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.spine import Spine, midnight_ms
from kpi_pipeline.metrics.windows import day_index
from kpi_pipeline.metrics.words import condition, span_in_words, term

MS = timedelta(milliseconds=1)


class Arrivals(Params):
    """When data of each source, by the column `per`, last came: rows of a fact at the instants `time`."""

    fact: Fact
    where: str = ""
    per: str
    time: str

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.per, self.time), self.where, info)
        return self


class LagParams(Params):
    """Looked at `every` so often since 1970-01-01 UTC. A source is active from its first arrival until `idle_after`
    has passed without one."""

    of: Arrivals
    every: Duration = timedelta(minutes=5)
    idle_after: Duration = timedelta(days=7)

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return term(self.of.per, language)


def build(params: LagParams, context: Context) -> ir.Table:
    """numerator = Σ ms since the last arrival, denominator = how often that was looked at, n = sources seen."""
    spine = context.spine
    pieces = _pieces(params, context)
    daily = pieces.group_by("local_day").agg(
        numerator=pieces.lag.sum().cast("int64"), denominator=pieces.times.sum().cast("int64")
    )
    looked = _in_view(daily, spine, ["numerator", "denominator"]).mutate(n=ibis.literal(0, "int64"))
    sources = _in_view(pieces.select("local_day", "source").distinct(), spine, ["source"])
    one = {"numerator": 0, "denominator": 0, "n": 1}
    seen = rolling.once_per(sources, "source").select(
        "enter", "exit", **{name: ibis.literal(weight, "int64") for name, weight in one.items()}
    )
    return rolling.sums(ibis.union(looked.select(seen.columns), seen), list(one), spine)


def _pieces(params: LagParams, context: Context) -> ir.Table:
    """source, local_day, times, lag: what the grid sees of the time between two arrivals on one local day."""
    spine, step = context.spine, params.every // MS
    spans = _waits(params, context)
    begin = midnight_ms(spine.first_window_day, spine.zone)
    spans = spans.mutate(start=ibis.greatest(spans.arrived, begin)).filter(lambda t: t.end > t.start)
    days = _days(spine)
    day_of_end = spine.local_day(spans.end - 1)
    spans = spans.mutate(first_day=spine.local_day(spans.start), last_day=day_of_end)
    # Nearly all lie within a day and need no range join.
    within = spans.filter(spans.first_day == spans.last_day).select(
        "source", "arrived", "start", "end", day="first_day"
    )
    across = spans.filter(spans.first_day < spans.last_day)
    across = across.join(days, [days.local_day >= across.first_day, days.local_day <= across.last_day]).select(
        "source",
        "arrived",
        start=lambda t: ibis.greatest(t.start, t.day_start_ms),
        end=lambda t: ibis.least(t.end, t.day_end_ms),
        day="local_day",
    )
    cut = ibis.union(within, across)
    # Grid points g of [start, end): g = first × step … ; Σ (g − arrived) of an arithmetic series.
    first, after = (cut.start + (step - 1)) // step, (cut.end + (step - 1)) // step
    cut = cut.mutate(first=first, times=after - first).filter(lambda t: t.times > 0)
    lag = cut.times * (cut.first * step - cut.arrived) + step * ((cut.times * (cut.times - 1)) // 2)
    return cut.select("source", local_day="day", times="times", lag=lag)


def _waits(params: LagParams, context: Context) -> ir.Table:
    """source, arrived, end: from an arrival until the next one, or until the source counts as idle."""
    of, spine = params.of, context.spine
    rows = where.keep(context.facts[of.fact], of.where)
    rows = rows.filter(spine.has_happened(rows[of.time]), rows[of.per].notnull())
    rows = rows.select(source=of.per, arrived=of.time)
    following = rows.arrived.lead().over(ibis.window(group_by="source", order_by="arrived"))
    idle = rows.arrived + params.idle_after // MS
    return rows.mutate(end=ibis.least(following.coalesce(spine.now_ms), idle, spine.now_ms))


def _days(spine: Spine) -> ir.Table:
    """local_day, day_start_ms, day_end_ms of every local day that any window touches."""
    first, last = day_index(spine.first_window_day), day_index(spine.last)
    starts = [
        midnight_ms(date.fromordinal(spine.first_window_day.toordinal() + n), spine.zone)
        for n in range(last - first + 2)
    ]
    rows = [(first + n, start, end) for n, (start, end) in enumerate(pairwise(starts))]
    return Spine.rows(("local_day", "day_start_ms", "day_end_ms"), rows)


def _in_view(rows: ir.Table, spine: Spine, columns: list[str]) -> ir.Table:
    enter, leave = spine.window.days_in_view(rows.local_day, spine.first, spine.last)
    return rolling.in_view(rows, [enter], [leave], spine, columns)


def records(params: LagParams, context: Context) -> Iterable[Records]:
    """Arrivals whose data was the newest at some instant of the window."""
    day, of = context.spine.days[-1], params.of
    waits = _waits(params, context)
    waits = waits.filter(waits.arrived < day.as_of_ms, waits.end > day.window_start_ms)
    rows = where.keep(context.facts[of.fact], of.where)
    yield Records(
        "numerator", of.fact, rows.semi_join(waits, [rows[of.per] == waits.source, rows[of.time] == waits.arrived])
    )


def words(params: LagParams, language: str) -> str:
    every = span_in_words(params.every // MS, language)
    noun = f"{term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()
    if language == "nl":
        return f"gemiddelde tijd sinds de laatste van {noun} per {term(params.of.per, language)}, elke {every} bekeken"
    return f"mean time since the last of {noun} by {term(params.of.per, language)}, looked at every {every}"


LAG = Kind("lag", LagParams, build, records, divide, words)
