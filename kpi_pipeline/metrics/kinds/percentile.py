"""percentile: of a column over the rows in the window, linear between ranks (type 7)."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
from pydantic import Field

from kpi_pipeline.metrics import percentiles, rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Records, quantile
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.side import OfRows, spans
from kpi_pipeline.metrics.words import side_in_words, term


class PercentileParams(OfRows):
    """`percent` of the values of column `value` lie at or below the answer."""

    value: str
    percent: int = Field(ge=0, le=100)

    def further_columns(self) -> list[str]:
        return [self.value]


def build(params: PercentileParams, context: Context) -> ir.Table:
    """numerator / denominator is the percentile, n the number of values; none give no value."""
    rows = spans(params.of, context, [params.value])
    seen = rolling.day_by_day(rows.filter(rows[params.value].notnull()), context.spine)
    daily = for_every_day(percentiles.type_7(seen, params.value, params.percent), context, *COLUMNS)
    return daily.select("day_index", "numerator", "denominator", n=ibis.coalesce(daily.n, 0))


def records(params: PercentileParams, context: Context) -> Iterable[Records]:
    yield Records("value", params.of.fact, spans(params.of, context).drop("enter", "exit"))


def words(params: PercentileParams, language: str) -> str:
    of = term("of", language)
    return f"p{params.percent} {of} {term(params.value, language)} {of} {side_in_words(params.of, language)}"


COLUMNS = ("numerator", "denominator", "n")
PERCENTILE = Kind("percentile", PercentileParams, build, records, quantile, words)
