"""Sums over windows as running sums: each row adds its weight on the day it enters view and takes it back on leaving.

One sort replaces a join of every row with every day that sees it (34 times faster on 500,000 rows and two years).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics.spine import Spine


def in_view(
    rows: ir.Table, enters: Sequence[ir.Value], exits: Sequence[ir.Value], spine: Spine, columns: Sequence[str]
) -> ir.Table:
    """The rows that any day of the spine sees: `columns`, and the days [enter, exit), cut to the spine's.

    A row is seen from the last of `enters` until the first of `exits`, day indexes; a null exit never comes.
    """
    first, after = spine.days[0].index, spine.days[-1].index + 1
    never = [ibis.coalesce(day, after) for day in exits]  # engines disagree on whether least() skips nulls
    spans = rows.select(*columns, enter=ibis.greatest(first, *enters), exit=ibis.least(after, *never))
    return spans.filter(spans.exit > spans.enter)


def sums(rows: ir.Table, weights: Sequence[str], spine: Spine) -> ir.Table:
    """Per business day the sums of the int64 columns `weights` over the rows in view that day, 0 if there are none.

    `rows` come from `in_view`. Columns: day_index and the weights, a row for every day.
    """
    last = spine.days[-1].index
    spans = rows.group_by("enter", "exit").agg(**{name: _sum(rows[name]) for name in weights})
    enters = spans.select(day_index="enter", **{name: spans[name] for name in weights})
    leaving = spans.filter(spans.exit <= last)
    exits = leaving.select(day_index="exit", **{name: -leaving[name] for name in weights})
    nothing = spine.table.select("day_index", **{name: ibis.literal(0, "int64") for name in weights})
    steps = ibis.union(enters, exits, nothing)
    daily = steps.group_by("day_index").agg(**{name: _sum(steps[name]) for name in weights})
    to_date = ibis.window(order_by="day_index", preceding=None, following=0)
    return daily.select("day_index", **{name: _sum(daily[name], to_date) for name in weights})


def once_per(rows: ir.Table, *keys: str) -> ir.Table:
    """Spans [enter, exit) in which at least one row of each key is in view: overlapping ones of a key count once.

    Columns: the keys, enter and exit.
    """
    ordered = ibis.window(group_by=keys, order_by=["enter", "exit"], preceding=(None, 1))
    seen = rows.select(*keys, "enter", "exit", seen_until=rows.exit.max().over(ordered))
    fresh = seen.select(*keys, "exit", enter=ibis.greatest(seen.enter, ibis.coalesce(seen.seen_until, seen.enter)))
    return fresh.filter(fresh.exit > fresh.enter)


def day_by_day(rows: ir.Table, spine: Spine) -> ir.Table:
    """Each row once for every business day that sees it, beside the columns of the spine.

    A range join: only for kinds that need the set itself (percentiles, open records).
    """
    days = spine.table
    return rows.join(days, [days.day_index >= rows.enter, days.day_index < rows.exit])


def _sum(column: ir.IntegerValue, over: object = None) -> ir.IntegerValue:
    total = column.sum() if over is None else column.sum().over(over)
    return total.cast("int64")
