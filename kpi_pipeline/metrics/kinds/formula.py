"""formula: one KPI of the company divided by another of the same day."""

from __future__ import annotations

from collections.abc import Iterable

import ibis.expr.types as ir

from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Params, Records, Row

LEFT, RIGHT = "left_", "right_"


class FormulaParams(Params):
    """Ids of two KPIs; `not_positive` is the reason given when the denominator is zero or less (no reason: no data)."""

    numerator: str
    denominator: str
    not_positive: str | None = None

    def references(self) -> tuple[str, ...]:
        return (self.numerator, self.denominator)


def build(params: FormulaParams, context: Context) -> ir.Table:
    """The columns of both KPIs side by side, prefixed left_ and right_; they are divided in `finish`, exactly."""
    left, right = context.measure_of(params.numerator), context.measure_of(params.denominator)
    renamed = left.rename({LEFT + name: name for name in left.columns if name != "day_index"})
    other = right.rename({RIGHT + name: name for name in right.columns if name != "day_index"})
    return renamed.join(other, "day_index")


def finish(row: Row, params: FormulaParams, context: Context) -> Outcome:
    """numerator and denominator are the two values in their own units; n the smaller n of the two."""
    left = context.outcome_of(params.numerator, _part(row, LEFT))
    right = context.outcome_of(params.denominator, _part(row, RIGHT))
    n = min(left.n, right.n)
    if left.value is None or right.value is None:
        return Outcome(None, left.value, right.value, n)
    if right.value <= 0:
        return Outcome(None, left.value, right.value, n, params.not_positive)
    times = 100 if context.kpi.unit == "percent" else 1
    return Outcome(left.value * times / right.value, left.value, right.value, n)


def _part(row: Row, prefix: str) -> Row:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


def records(_: FormulaParams, __: Context) -> Iterable[Records]:
    """None of its own: ask the two KPIs."""
    return ()


def words(params: FormulaParams, _: str) -> str:
    return f"{params.numerator} ÷ {params.denominator}"


FORMULA = Kind("formula", FormulaParams, build, records, finish, words)
