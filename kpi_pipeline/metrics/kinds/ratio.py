"""ratio: one sum over the window divided by another, for example paid bookings ÷ qualified leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import Pair, of_sides
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Params, Records, Row, divide, exponent
from kpi_pipeline.metrics.kinds.side import Side, Sides, merged, side_records
from kpi_pipeline.metrics.words import sides_in_words


class RatioParams(Params):
    """Several sides of one part add up; one with `minus` is taken off."""

    numerator: Sides
    denominator: Sides

    def divided(self, company: Company) -> Pair | None:
        above, below = ({side.sum for side in sides} for sides in (self.numerator, self.denominator))
        return of_sides(above, below, company.currency)

    def n_in_words(self, company: Company, language: str) -> str | None:
        """n is the denominator, and a sum of money counts nothing."""
        sides = self.divided(company)
        return None if sides is None or sides[1].unit else super().n_in_words(company, language)


def build(params: RatioParams, context: Context) -> ir.Table:
    """n is the denominator."""
    parts = [(list(params.numerator), "numerator"), (list(params.denominator), "denominator")]
    return merged(parts, context).mutate(n=lambda table: table.denominator)


def finish(row: Row, params: RatioParams, context: Context) -> Outcome:
    """Of columns that hold parts of their own unit (`increase_e3`) the quotient needs no other scale than a share's."""
    above, below = _exponent(params.numerator), _exponent(params.denominator)
    if above is None:
        return divide(row, params, context)
    share = context.scale if context.scale > 1 else Fraction(1)
    return divide(row, params, replace(context, scale=share * Fraction(10) ** ((below or 0) - above)))


def _exponent(sides: Sequence[Side]) -> int | None:
    """That of the columns summed; None when any is a count or in whole units."""
    found = {exponent(side.sum) if side.sum else None for side in sides}
    return found.pop() if len(found) == 1 else None


def records(params: RatioParams, context: Context) -> Iterable[Records]:
    return side_records({"numerator": params.numerator, "denominator": params.denominator}, context)


def words(params: RatioParams, language: str) -> str:
    return f"{sides_in_words(params.numerator, language)} ÷ {sides_in_words(params.denominator, language)}"


RATIO = Kind("ratio", RatioParams, build, records, finish, words)
