"""What histogram buckets counted in each clock hour, from counters read at full hours."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

HOUR_MS = 3_600_000


def build(facts: FactTables) -> Table:
    """One row a bucket and hour whose start and end were both read; an hour with a missed reading has no row.

    A counter that fell was restarted: all it shows then was counted since (Prometheus, `increase`, without its
    extrapolation, which full-hour readings do not need).
    """
    counters = facts.records("prometheus", "histogram_samples")
    counters = counters.mutate(hour_end_at=epoch_ms(counters.sampled_at), count=counters["count"].round().cast("int64"))
    counters = counters.filter(counters.hour_end_at % HOUR_MS == 0)
    window = ibis.window(
        group_by=[counters.metric, counters.series, counters.le],
        order_by=counters.hour_end_at,
    )
    counters = counters.mutate(
        hour_start_at=counters.hour_end_at.lag().over(window),
        before=counters["count"].lag().over(window),
    )
    counters = counters.filter(counters.hour_start_at == counters.hour_end_at - HOUR_MS)
    fell = counters["count"] < counters.before
    return counters.mutate(increase=ibis.ifelse(fell, counters["count"], counters["count"] - counters.before))
