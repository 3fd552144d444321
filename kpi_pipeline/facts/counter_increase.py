"""By how much counters rose in each clock hour."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

HOUR_MS = 3_600_000


def build(facts: FactTables) -> Table:
    """One row a series and hour that was read at its start and at its end; other hours have no row.

    Readings in between make restarts visible: a counter that fell began again at zero, and all it shows was counted
    since (Prometheus, `increase`, without its extrapolation, which full-hour readings do not need). What it counted
    between its last reading and the restart is lost, as it is to Prometheus; and so is what a new series shows at its
    first reading, which may have grown for years before it was scraped.
    """
    samples = facts.records("prometheus", "counter_samples")
    samples = samples.select(
        "metric", "series", at=epoch_ms(samples.sampled_at), count_e3=(samples["count"] * 1000).round().cast("int64")
    )
    window = ibis.window(group_by=[samples.metric, samples.series], order_by=samples.at)
    steps = samples.mutate(before_at=samples.at.lag().over(window), before_e3=samples.count_e3.lag().over(window))
    steps = steps.filter(steps.before_at.notnull())
    fell = steps.count_e3 < steps.before_e3
    steps = steps.mutate(
        hour_start_at=steps.at - 1 - (steps.at - 1) % HOUR_MS,
        rise_e3=ibis.ifelse(fell, steps.count_e3, steps.count_e3 - steps.before_e3),
    )
    hours = steps.group_by("metric", "series", "hour_start_at").agg(
        first_at=steps.before_at.min(), hour_end_at=steps.at.max(), increase_e3=steps.rise_e3.sum()
    )
    whole = (hours.first_at == hours.hour_start_at) & (hours.hour_end_at == hours.hour_start_at + HOUR_MS)
    return hours.filter(whole)
