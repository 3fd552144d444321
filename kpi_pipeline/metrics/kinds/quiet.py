"""When no value is good news: nothing was finished because nothing is open."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics.kinds.base import NONE_OPEN, Context


def when_nothing_open(daily: ir.Table, counter: str | None, context: Context) -> ir.Table:
    """Adds `reason` = none_open where there is no n and the KPI `counter` is 0; nothing else without a counter."""
    if counter is None:
        return daily
    open_ = context.measure_of(counter).select("day_index", open_count="numerator")
    beside = daily.join(open_, "day_index")
    calm = (beside.n == 0) & (beside.open_count == 0)
    return beside.mutate(reason=ibis.ifelse(calm, NONE_OPEN, ibis.null("string"))).drop("open_count")
