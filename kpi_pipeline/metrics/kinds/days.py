"""Every business day has a row, also those without data."""

from __future__ import annotations

import ibis.expr.types as ir

from kpi_pipeline.metrics.kinds.base import Context


def for_every_day(found: ir.Table, context: Context, *columns: str) -> ir.Table:
    """The columns of the spine, and beside them `columns` of the days that were found; null on the other days."""
    spine = context.spine.table
    beside = spine.left_join(found, "day_index")
    return beside.select(*(spine[name] for name in spine.columns), *(found[name] for name in columns))
