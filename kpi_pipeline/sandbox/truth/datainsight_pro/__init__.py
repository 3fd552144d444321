"""DataInsight Pro's KPIs as its world counts them, a module a field; those made of others come last."""

from __future__ import annotations

from datetime import datetime

from kpi_pipeline.sandbox.truth.datainsight_pro import (
    books,
    deals,
    freshness,
    made,
    onboarding,
    platform,
    revenue,
    support,
    surveys,
    trials,
    usage,
    web,
    work,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series
from kpi_pipeline.sandbox.world.model import World

COUNTED = (
    usage.values,
    onboarding.values,
    web.values,
    trials.values,
    deals.values,
    revenue.values,
    books.values,
    support.values,
    surveys.values,
    platform.values,
    freshness.values,
    work.values,
)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    if not days:
        return {}
    counted: Series = {}
    for family in COUNTED:
        counted.update(family(world, days, now))
    wanted = {day.day for day in days}
    found = made.values(counted, days)
    return {kpi: {day: value for day, value in series.items() if day in wanted} for kpi, series in found.items()}


FAMILY = (values,)
