"""daily_mean: the mean over the window's days of what each day counted, for example daily active users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import ibis.expr.types as ir
from pydantic import BeforeValidator

from kpi_pipeline.catalogue.entry import parse_days
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, divide
from kpi_pipeline.metrics.kinds.side import Side, spans
from kpi_pipeline.metrics.spine import BusinessDay
from kpi_pipeline.metrics.windows import Window
from kpi_pipeline.metrics.words import side_in_words

Weekdays = Annotated[tuple[int, ...], BeforeValidator(parse_days)]


class DailyMeanParams(Params):
    """`of` is counted for each local day by itself; `days` leaves out other weekdays, e.g. mon-fri."""

    of: Side
    days: Weekdays = (1, 2, 3, 4, 5, 6, 7)


def build(params: DailyMeanParams, context: Context) -> ir.Table:
    """numerator = Σ of the days' counts, denominator = n = the window's days; a day without rows counts 0."""
    spine = context.spine
    counted = _counted(params, context)
    enter, leave = spine.window.days_in_view(counted.local_day, spine.first, spine.last)
    seen = rolling.in_view(counted, [enter], [leave], spine, ["numerator"])
    daily = rolling.sums(seen, ["numerator"], spine)
    lengths = [(day.index, _length(params, spine.window, day)) for day in spine.days]
    return daily.join(spine.rows(("day_index", "denominator"), lengths), "day_index").mutate(n=lambda t: t.denominator)


def _counted(params: DailyMeanParams, context: Context) -> ir.Table:
    """local_day and numerator: what each local day counted by itself."""
    side, spine = params.of, context.spine
    rows = where.keep(context.facts[side.fact], side.where)
    rows = rows.filter(*(spine.has_happened(rows[name]) for name in (side.time, *side.known)))
    rows = rows.mutate(local_day=spine.day_of(rows[side.time]))
    rows = rows.filter(((rows.local_day + 3) % 7 + 1).isin(params.days))  # 1970-01-01 was a Thursday
    counted = rows.count() if side.count == "rows" else rows[side.distinct].nunique() if side.distinct else None
    weight = rows[side.sum].sum() if counted is None else counted
    return rows.group_by("local_day").agg(numerator=weight.cast("int64"))


def _length(params: DailyMeanParams, window: Window, day: BusinessDay) -> int:
    """How many days the window of `day` has, those that `days` leaves out not counted."""
    last = day.index - window.lag_days
    return sum((index + 3) % 7 + 1 in params.days for index in range(day.window_start_day, last + 1))


def records(params: DailyMeanParams, context: Context) -> Iterable[Records]:
    yield Records("numerator", params.of.fact, spans(params.of, context).drop("enter", "exit"))


def words(params: DailyMeanParams, language: str) -> str:
    per_day = "gemiddeld per dag" if language == "nl" else "mean per day"
    return f"{per_day}: {side_in_words(params.of, language)}"


DAILY_MEAN = Kind("daily_mean", DailyMeanParams, build, records, divide, words)
