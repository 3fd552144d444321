"""worst_uptime: the lowest availability of any stretch of N minutes that ends within the day.

Stretches start at any instant, not at full hours: an outage across the hour is one outage. Along the day the share
only bends where an outage or a pause begins or ends under one of the stretch's ends, so only those instants are tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import ibis
import ibis.expr.types as ir
from pydantic import Field

from kpi_pipeline.catalogue.model import Duration
from kpi_pipeline.metrics.kinds.base import Context, Kind, Records, divide
from kpi_pipeline.metrics.kinds.uptime import UptimeParams, cumulated, monitored_rows, of_required
from kpi_pipeline.metrics.words import span_in_words


class WorstUptimeParams(UptimeParams):
    """As for uptime; `span` is the length of a stretch."""

    span: Duration = Field(gt=timedelta(0))

    @property
    def span_ms(self) -> int:
        return self.span // timedelta(milliseconds=1)


def build(params: WorstUptimeParams, context: Context) -> ir.Table:
    """numerator and denominator are those of the worst stretch, n = required monitors.

    Of equally bad stretches the one that was watched most counts, then the first.

    A stretch in which nothing was monitored says nothing; a day of only such stretches has no value.
    """
    days = context.spine.table
    ends = _ends(params, context)
    timeline = cumulated(params, context, [ends, ends.select(at=ends["at"] - params.span_ms)])
    until_start = timeline.view()
    at_end = ends.join(timeline, "at")
    both = at_end.join(until_start, (at_end["at"] - params.span_ms) == until_start["at"])
    monitored = params.span_ms - (both.excluded_before - both.excluded_before_right)
    stretches = both.select(
        "day_index",
        ends_at=both["at"],
        denominator=monitored,
        numerator=monitored - (both.down_before - both.down_before_right),
    )
    judged = stretches.filter(stretches.denominator > 0)
    # Division rounds correctly, so equal shares stay equal and different ones of so few milliseconds different.
    share = judged.numerator.cast("float64") / judged.denominator.cast("float64")
    order = ibis.window(group_by="day_index", order_by=[share, ibis.desc(judged.denominator), judged.ends_at])
    worst = judged.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    beside = days.left_join(worst, "day_index").select(
        "day_index", numerator=worst.numerator, denominator=ibis.coalesce(worst.denominator, 0)
    )
    return of_required(beside, params, context)


def _ends(params: WorstUptimeParams, context: Context) -> ir.Table:
    """day_index and at: the instants of each day at which a stretch may be worst."""
    days = context.spine.table
    rows = monitored_rows(params, context)
    chosen = rows.filter(rows.state.isin((*params.down, *params.excluded)))
    bends = [chosen.select(at=chosen[name] + shift) for name in ("start_at", "end_at") for shift in (0, params.span_ms)]
    found = ibis.union(*bends)
    found = found.filter(found["at"].notnull())
    within = found.join(days, [found["at"] >= days.start_ms, found["at"] <= days.as_of_ms])
    edges = [days.select("day_index", at=days[name]) for name in ("start_ms", "as_of_ms")]
    return ibis.union(within.select("day_index", "at"), *edges).distinct()


def records(params: WorstUptimeParams, context: Context) -> Iterable[Records]:
    """Outages and excluded spans that touch the day or the stretch before it."""
    rows, day = monitored_rows(params, context), context.spine.days[-1]
    touching = rows.filter(
        rows.start_at < day.as_of_ms, ibis.coalesce(rows.end_at, day.as_of_ms) > day.start_ms - params.span_ms
    )
    yield Records("down", params.fact, touching.filter(touching.state.isin(params.down)))
    yield Records("excluded", params.fact, touching.filter(touching.state.isin(params.excluded)))


def words(params: WorstUptimeParams, language: str) -> str:
    monitors, span = ", ".join(params.monitors), span_in_words(params.span_ms, language)
    if language == "nl":
        return f"laagste beschikbaarheid van {monitors} in {span} die binnen de dag eindigen"
    return f"lowest availability of {monitors} in {span} that end within the day"


WORST_UPTIME = Kind("worst_uptime", WorstUptimeParams, build, records, divide, words)
