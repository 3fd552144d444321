"""How old the newest data of each collector is: looked at every five minutes, the mean of all looks."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.datainsight_pro.counting import DAY_MS, every, ms
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import World

LOOK_MS = 5 * 60_000
IDLE_MS = 7 * DAY_MS
PER_MINUTE = Fraction(1, 60_000)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    syncs = world.product.syncs
    brought: dict[int, list[int]] = {source: [] for source in range(len(syncs.names))}
    for at, source, ok in zip(syncs.at.tolist(), syncs.source.tolist(), syncs.ok.tolist(), strict=True):
        if ok and at < ms(now):
            brought[source].append(at)
    return {"data_freshness": every(days, lambda day: _lag(list(brought.values()), day))}


def _lag(brought: list[list[int]], day: BusinessDay) -> TruthValue:
    """Minutes; a collector that never brought anything, or nothing for a week, is not one of them."""
    total, looks, sources = 0, 0, set()
    for look in range(ms(day.start), ms(day.as_of), LOOK_MS):
        for source, arrivals in enumerate(brought):
            place = bisect_right(arrivals, look)
            if place and look - arrivals[place - 1] < IDLE_MS:
                total += look - arrivals[place - 1]
                looks += 1
                sources.add(source)
    return ratio(total, looks, n=len(sources), scale=PER_MINUTE)
