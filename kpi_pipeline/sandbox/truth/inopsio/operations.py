"""Orders and workflow runs, by the exports of the systems that know them."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, count, ratio
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.model.paperwork import known

WINDOW_DAYS = 7
LIMIT = timedelta(hours=24)
HOUR_MS = 3_600_000


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    orders, runs = known(world.orders, now), known(world.workflow_runs, now)
    found: Series = {"erp_order_fulfillment": {}, "erp_orders_open_over_24h": {}, "workflow_run_completion": {}}
    for day in days:
        start, as_of = day.days_back(WINDOW_DAYS), day.as_of
        took = [
            milliseconds(order.fulfilled_at - order.placed_at)
            for order in orders
            if order.fulfilled_at is not None and start <= order.fulfilled_at < as_of
        ]
        found["erp_order_fulfillment"][day.day] = ratio(sum(took), len(took), n=len(took), scale=Fraction(1, HOUR_MS))
        late = 0
        for order in orders:
            closed = [at for at in (order.fulfilled_at, order.cancelled_at) if at is not None and at < as_of]
            late += order.placed_at + LIMIT < as_of and not closed
        found["erp_orders_open_over_24h"][day.day] = count(late)
        ended = [
            run.outcome
            for run in runs
            if start <= run.started_at < as_of and run.finished_at is not None and run.finished_at < as_of
        ]
        succeeded, judged = ended.count("success"), ended.count("success") + ended.count("failure")
        found["workflow_run_completion"][day.day] = ratio(succeeded, judged, n=judged, scale=Fraction(100))
    return found
