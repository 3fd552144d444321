"""count and sum: how many rows, or how much of a column, the window holds. Nothing there is 0, and 0 is a value."""

from __future__ import annotations

from collections.abc import Iterable

import ibis.expr.types as ir

from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, total
from kpi_pipeline.metrics.kinds.side import Side, Sides, merged, side_records
from kpi_pipeline.metrics.words import sides_in_words


class TotalParams(Params):
    """Several sides add up; one with `minus` is taken off."""

    of: Sides


def build(params: TotalParams, context: Context) -> ir.Table:
    """n counts the rows that were added up."""
    rows = [side.model_copy(update={"count": "rows", "sum": "", "minus": False}) for side in params.of]
    counted: list[Side] = [row if not side.distinct else side for row, side in zip(rows, params.of, strict=True)]
    return merged([(list(params.of), "numerator"), (counted, "n")], context)


def records(params: TotalParams, context: Context) -> Iterable[Records]:
    return side_records({"numerator": params.of}, context)


def words(params: TotalParams, language: str) -> str:
    return sides_in_words(params.of, language)


COUNT = Kind("count", TotalParams, build, records, total, words)
SUM = Kind("sum", TotalParams, build, records, total, words)
