"""The row that stands at the end of a day: the last one by a column, until the next one comes."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.spine import Spine


def standing(table: ir.Table, spine: Spine, on: str, entry: str, per: Sequence[str] = ()) -> ir.Table:
    """Rows with the days [enter, exit) on which each is the newest, of its key `per`, by `on`.

    Of several that came on one day the last by `on`, then by `entry`, stands.
    """
    rows = table.filter(spine.has_happened(table[on]))
    rows = rows.mutate(since=spine.known_from(rows[on]))
    last_of_day = ibis.window(group_by=[*per, "since"], order_by=[ibis.desc(on), ibis.desc(entry)])
    ranked = rows.mutate(place=ibis.row_number().over(last_of_day))
    latest = ranked.filter(ranked.place == 0).drop("place")
    held = latest.mutate(until=latest.since.lead().over(ibis.window(group_by=list(per) or None, order_by="since")))
    return rolling.in_view(held, [held.since], [held.until], spine, table.columns)
