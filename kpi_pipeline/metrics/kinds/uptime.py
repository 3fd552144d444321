"""uptime: the share of monitored time in which no required monitor was down; overlapping outages count once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field, ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import HOURS, Pair
from kpi_pipeline.metrics.kinds.base import Context, Kind, Names, Params, Records, check_columns, divide
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.words import term

COLUMNS = ("monitor", "state", "start_at", "end_at")
MONITOR_MISSING = "monitor_missing"


class UptimeParams(Params):
    """`monitors` by name, all required; `down` and `excluded` are states. Time in which any monitor is excluded leaves
    both parts."""

    fact: Fact = "monitor_interval"
    monitors: Annotated[Names, Field(min_length=1)]
    down: Names = ("down",)
    excluded: Names = ("paused", "maintenance", "unchecked")

    def divided(self, company: Company) -> Pair | None:  # noqa: ARG002 - of kinds that look at it
        return HOURS, HOURS

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return term("monitors" if len(self.monitors) > 1 else "monitor", language)

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, COLUMNS, "", info)
        return self


def build(params: UptimeParams, context: Context) -> ir.Table:
    """denominator = monitored ms, numerator = monitored ms − down ms, n = required monitors.

    A required monitor without any record gives no value (reason monitor_missing), because silence is not uptime.
    """
    days = context.spine.table
    timeline = cumulated(params, context, [days.select(at=name) for name in ("window_start_ms", "as_of_ms")])
    until_start = timeline.view()
    at_ends = days.join(timeline, days.as_of_ms == timeline.at).select(
        "day_index", "window_start_ms", "as_of_ms", down_at_end="down_before", excluded_at_end="excluded_before"
    )
    both = at_ends.join(until_start, at_ends.window_start_ms == until_start.at)
    monitored = both.as_of_ms - both.window_start_ms - (both.excluded_at_end - both.excluded_before)
    counted = both.select(
        "day_index", denominator=monitored, numerator=monitored - (both.down_at_end - both.down_before)
    )
    return of_required(counted, params, context)


def of_required(counted: ir.Table, params: UptimeParams, context: Context) -> ir.Table:
    """Adds n, the required monitors, and the reason for none of them to be judged by when one was never seen."""
    present = monitored_rows(params, context).agg(found=lambda t: t.monitor.nunique())
    beside = counted.cross_join(present)
    required = len(set(params.monitors))
    return beside.select(
        "day_index",
        "numerator",
        "denominator",
        n=ibis.literal(required, "int64"),
        reason=ibis.ifelse(beside.found < required, MONITOR_MISSING, ibis.null("string")),
    )


def monitored_rows(params: UptimeParams, context: Context) -> ir.Table:
    rows = context.facts[params.fact]
    return rows.filter(rows.monitor.isin(params.monitors))


def cumulated(params: UptimeParams, context: Context, instants: Sequence[ir.Table]) -> ir.Table:
    """Per instant at which something changes, and per one asked for (column `at`): down and excluded ms before it.

    One sweep over sorted starts and ends, so neither days nor monitors multiply the outages.
    """
    rows = monitored_rows(params, context)
    marks = [*_marks(rows, params.down, "down"), *_marks(rows, params.excluded, "excluded")]
    none = ibis.literal(0, "int64")
    marks += [asked.select("at", down=none, excluded=none) for asked in instants]
    steps = (
        ibis.union(*marks)
        .group_by("at")
        .agg(down=lambda t: t.down.sum().cast("int64"), excluded=lambda t: t.excluded.sum().cast("int64"))
    )
    to_here = ibis.window(order_by="at", preceding=None, following=0)
    states = steps.select(
        "at",
        down=steps.down.sum().over(to_here),
        excluded=steps.excluded.sum().over(to_here),
        ends=steps["at"].lead().over(ibis.window(order_by="at")),
    )
    length = ibis.coalesce(states.ends - states["at"], 0)
    spans = states.select(
        "at",
        down_ms=ibis.ifelse((states.down > 0) & (states.excluded == 0), length, 0),
        excluded_ms=ibis.ifelse(states.excluded > 0, length, 0),
    )
    before = ibis.window(order_by="at", preceding=(None, 1))
    return spans.select(
        "at",
        down_before=ibis.coalesce(spans.down_ms.sum().over(before), 0).cast("int64"),
        excluded_before=ibis.coalesce(spans.excluded_ms.sum().over(before), 0).cast("int64"),
    )


def _marks(rows: ir.Table, states: Sequence[str], column: str) -> list[ir.Table]:
    """+1 where a span of these states starts, −1 where it ends."""
    chosen = rows.filter(rows.state.isin(states))
    marks = []
    for instant, step in (("start_at", 1), ("end_at", -1)):
        ended = chosen.filter(chosen[instant].notnull())
        steps = {name: ibis.literal(step if name == column else 0, "int64") for name in ("down", "excluded")}
        marks.append(ended.select(at=instant, **steps))
    return marks


def records(params: UptimeParams, context: Context) -> Iterable[Records]:
    """Outages and excluded spans that overlap the window."""
    rows, day = monitored_rows(params, context), context.spine.days[-1]
    overlapping = rows.filter(
        rows.start_at < day.as_of_ms, ibis.coalesce(rows.end_at, day.as_of_ms) > day.window_start_ms
    )
    yield Records("down", params.fact, overlapping.filter(overlapping.state.isin(params.down)))
    yield Records("excluded", params.fact, overlapping.filter(overlapping.state.isin(params.excluded)))


def words(params: UptimeParams, language: str) -> str:
    monitors = ", ".join(params.monitors)
    if language == "nl":
        return f"bewaakte tijd zonder storing van {monitors} ÷ bewaakte tijd (zonder {', '.join(params.excluded)})"
    return f"monitored time without an outage of {monitors} ÷ monitored time (without {', '.join(params.excluded)})"


UPTIME = Kind("uptime", UptimeParams, build, records, divide, words)
