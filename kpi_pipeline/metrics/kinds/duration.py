"""duration: how long something took, on the clock or in business time: mean, median, a percentile, or a share in time.

Records still waiting are censored: their time so far is a lower bound. With `waiting: when_longer` they count as soon
as that bound alone changes the answer (above the mean of the finished ones; beyond the limit of a share), so a
backlog cannot flatter the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator, ValidationInfo, model_validator

from kpi_pipeline.metrics import percentiles, rolling, where
from kpi_pipeline.metrics.kinds.base import (
    Context,
    Kind,
    Names,
    Outcome,
    Params,
    Records,
    Row,
    check_columns,
    divide,
    quantile,
)
from kpi_pipeline.metrics.kinds.conversion import OPERATORS, check_within, limit
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.elapsed import Clock
from kpi_pipeline.metrics.kinds.quiet import when_nothing_open
from kpi_pipeline.metrics.kinds.side import Fact, with_span
from kpi_pipeline.metrics.words import condition, span_in_words, term

PERCENT = {"median": 50, "p90": 90, "p95": 95}


class Stretch(Params):
    """From `start` to `end` of each record whose `select` instant lies in the window; `until` takes it out again."""

    fact: Fact
    where: str = ""
    start: str
    end: str
    select: Literal["start", "end"]
    until: Names = ()

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.start, self.end, *self.until), self.where, info)
        return self


class DurationParams(Params):
    """Measured on the 24-hour clock ('elapsed') or on a working calendar of the company."""

    of: Stretch
    clock: str = "elapsed"
    statistic: Literal["mean", "median", "p90", "p95", "share"]
    within: Annotated[str, AfterValidator(check_within)] | None = None
    waiting: Literal["left_out", "when_longer"] = "left_out"
    ok_without: str | None = None

    def references(self) -> tuple[str, ...]:
        return () if self.ok_without is None else (self.ok_without,)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.statistic == "share") != (self.within is not None):
            raise ValueError("`within` goes with `statistic: share`, and a share needs it")
        if self.waiting == "when_longer" and (self.of.select == "end" or self.statistic in PERCENT):
            raise ValueError("`waiting: when_longer` goes with `select: start` and a mean or a share")
        return self


def build(params: DurationParams, context: Context) -> ir.Table:
    """mean: numerator = Σ ms, denominator = n = records. share: numerator = records in time, denominator = n = records.

    Percentiles: numerator / denominator is the percentile in ms, n the records.
    """
    clock = Clock(params.clock, context)
    instants = [params.of.start, params.of.end]
    finished = clock.took(_finished(params, context, instants), *instants)
    if params.statistic in PERCENT:
        spread = rolling.day_by_day(finished, context.spine)
        daily = percentiles.type_7(spread, "took_ms", PERCENT[params.statistic])
        whole = for_every_day(daily, context, "numerator", "denominator", "n")
        return whole.select("day_index", "numerator", "denominator", n=ibis.coalesce(whole.n, 0))
    if params.statistic == "mean":
        rows = finished.select("enter", "exit", numerator="took_ms", denominator=ibis.literal(1, "int64"))
    else:
        operator, milliseconds = limit(params.within or "")
        # Not a cast of the comparison: PostgreSQL does not turn a truth value into a bigint.
        in_time = ibis.ifelse(OPERATORS[operator](finished.took_ms, milliseconds), 1, 0).cast("int64")
        rows = finished.select("enter", "exit", numerator=in_time, denominator=ibis.literal(1, "int64"))
    daily = rolling.sums(rows, ["numerator", "denominator"], context.spine)
    if params.waiting == "when_longer":
        daily = _with_waiting(params, context, clock, daily)
    daily = daily.mutate(n=daily.denominator)
    return when_nothing_open(daily, params.ok_without, context)


def _finished(params: DurationParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    """Records whose end has happened, in view from the day it had."""
    table = where.keep(context.facts[params.of.fact], params.of.where)
    time = params.of.start if params.of.select == "start" else params.of.end
    return with_span(
        table, context.spine, time, known=(params.of.start, params.of.end), until=params.of.until, columns=columns
    )


def _waiting(params: DurationParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    """Records that have started and, on the day, have not ended: in view until the end has happened."""
    table = where.keep(context.facts[params.of.fact], params.of.where)
    return with_span(table, context.spine, params.of.start, until=(params.of.end, *params.of.until), columns=columns)


def _with_waiting(params: DurationParams, context: Context, clock: Clock, daily: ir.Table) -> ir.Table:
    """Adds the waiting records whose time so far alone is longer than the mean of that day, or than the limit."""
    so_far = clock.so_far(
        rolling.day_by_day(_waiting(params, context, [params.of.start]), context.spine), params.of.start
    )
    if params.statistic == "mean":
        means = daily.select("day_index", finished="denominator", total="numerator")
        beside = so_far.join(means, "day_index")
        counted = beside.filter(beside.so_far_ms * beside.finished > beside.total)
        adds = counted.so_far_ms
    else:
        operator, milliseconds = limit(params.within or "")
        counted = so_far.filter(~OPERATORS[operator](so_far.so_far_ms, milliseconds))
        adds = counted.so_far_ms * 0
    weighed = counted.mutate(adds=adds)
    added = weighed.group_by("day_index").agg(adds=weighed.adds.sum().cast("int64"), more=weighed.count().cast("int64"))
    joined = daily.left_join(added, "day_index")
    return joined.select(
        day_index=daily.day_index,
        numerator=daily.numerator + ibis.coalesce(added.adds, 0),
        denominator=daily.denominator + ibis.coalesce(added.more, 0),
    )


def finish(row: Row, params: DurationParams, context: Context) -> Outcome:
    return (quantile if params.statistic in PERCENT else divide)(row, params, context)


def records(params: DurationParams, context: Context) -> Iterable[Records]:
    clock = Clock(params.clock, context)
    finished = clock.took(_finished(params, context), params.of.start, params.of.end)
    yield Records("finished", params.of.fact, finished.drop("enter", "exit"))
    if params.of.select == "start":
        yield Records("waiting", params.of.fact, _waiting(params, context).drop("enter", "exit"))


def words(params: DurationParams, language: str) -> str:
    calendar, longer = WORDS[language]
    clock = "24 × 7" if params.clock == "elapsed" else f"{calendar} {params.clock}"
    span = f"{term(params.of.start, language)} → {term(params.of.end, language)} ({clock})"
    selected = params.of.start if params.of.select == "start" else params.of.end
    noun = f"{term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()
    noun += f", {term(selected, language)} {term('in_window', language)}"
    if params.waiting == "when_longer":
        noun += longer
    if params.statistic == "share":
        operator, milliseconds = limit(params.within or "")
        return f"{span} {operator} {span_in_words(milliseconds, language)} ÷ {noun}"
    return f"{term(params.statistic, language)} {term('of', language)} {span}: {noun}"


WORDS = {
    "nl": ("kalender", ", wachtenden zodra hun tijd tot nu toe langer is"),
    "en": ("calendar", ", waiting ones once their time so far is longer"),
}
DURATION = Kind("duration", DurationParams, build, records, finish, words)
