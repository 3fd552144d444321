"""ratio: one sum over the window divided by another, for example paid bookings ÷ qualified leads."""

from __future__ import annotations

from collections.abc import Iterable

import ibis.expr.types as ir

from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, divide
from kpi_pipeline.metrics.kinds.side import Sides, merged, side_records
from kpi_pipeline.metrics.words import sides_in_words


class RatioParams(Params):
    """Several sides of one part add up; one with `minus` is taken off."""

    numerator: Sides
    denominator: Sides


def build(params: RatioParams, context: Context) -> ir.Table:
    """n is the denominator."""
    parts = [(list(params.numerator), "numerator"), (list(params.denominator), "denominator")]
    return merged(parts, context).mutate(n=lambda table: table.denominator)


def records(params: RatioParams, context: Context) -> Iterable[Records]:
    return side_records({"numerator": params.numerator, "denominator": params.denominator}, context)


def words(params: RatioParams, language: str) -> str:
    return f"{sides_in_words(params.numerator, language)} ÷ {sides_in_words(params.denominator, language)}"


RATIO = Kind("ratio", RatioParams, build, records, divide, words)
