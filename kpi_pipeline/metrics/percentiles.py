"""Percentiles of integers by linear interpolation (type 7: numpy's and Prometheus' `quantile`), exact on any engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

PARTS = 100


def type_7(rows: ir.Table, value: str, percent: int) -> ir.Table:
    """Per day_index the percentile of a column: numerator / denominator is it exactly, n is how many.

    With n values the percentile lies at place (n − 1) × percent / 100 of the ascending order, counted from 0; between
    two places linearly. The engines' own quantile functions differ in the last digits, so it is done in integers.
    """
    by_day = ibis.window(group_by="day_index", order_by=value)
    whole_day = ibis.window(group_by="day_index")
    ranked = rows.mutate(
        place=ibis.row_number().over(by_day).cast("int64"), n=rows[value].count().over(whole_day).cast("int64")
    )
    steps = (ranked.n - 1) * percent
    below, rest = steps // PARTS, steps % PARTS
    weight = ibis.cases((ranked.place == below, PARTS - rest), (ranked.place == below + 1, rest), else_=0)
    kind = "float64" if rows[value].type().is_floating() else "int64"
    weighted = ranked.mutate(part=(ranked[value] * weight).cast(kind))
    daily = weighted.group_by("day_index").agg(numerator=weighted.part.sum().cast(kind), n=weighted.n.max())
    return daily.mutate(denominator=ibis.literal(PARTS, "int64"))
