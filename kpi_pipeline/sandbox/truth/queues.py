"""The synchronisation's queues: the longest backlog, and how old the slowest retries were."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal
from kpi_pipeline.sandbox.world.model import World

BACKLOG, RETRY_AGE = "queue_backlog", "retry_age_ms"
HOUR = timedelta(hours=1)
QUANTILE = Fraction(95, 100)
Labels = tuple[tuple[str, str], ...]
Event = tuple[datetime, Labels, float | None]  # an observed value, or None for a restart of the series
Increases = dict[datetime, list[int]]  # hour start: increase of each bucket, summed over the series


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    increases = hourly_increases(world, now)
    return {
        "queue_backlog_max": {day.day: _backlog(world, day) for day in days},
        "retry_age_p95": {day.day: _retry_age(world, increases, day) for day in days},
    }


def _backlog(world: World, day: BusinessDay) -> TruthValue:
    samples = [
        (sample.at, sample.value)
        for sample in world.gauges
        if sample.metric == BACKLOG and day.start <= sample.at < day.as_of
    ]
    begun = -((day.start - day.as_of) // HOUR)  # rounded up: a begun hour counts
    hours = len({(at - day.start) // HOUR for at, _ in samples})
    highest = max((value for _, value in samples), default=None)
    return TruthValue(None if highest is None else Decimal(str(highest)), hours, begun, hours)


def _retry_age(world: World, increases: Increases, day: BusinessDay) -> TruthValue:
    """The worst hour of the day."""
    covered = [hour for hour in increases if day.start <= hour and hour + HOUR <= day.as_of]
    quantiles = [quantile(world.histogram_bounds, increases[hour]) for hour in covered]
    known = [value for value in quantiles if value is not None]
    observations = sum(increases[hour][-1] for hour in covered)
    if known:
        return TruthValue(decimal(max(known)), len(known), len(covered), observations)
    return TruthValue(None, 0, len(covered), observations, reason="nothing_waited" if covered else None)


def hourly_increases(world: World, now: datetime) -> Increases:
    """Walk hour by hour, keep each series' cumulative counters as the server would, and take their differences.

    Only full hours: a counter is read when the hour strikes. A counter that fell was restarted: what it shows is new.
    """
    events = _events_by_hour(world, now)
    bounds = [*world.histogram_bounds, float("inf")]
    counters: dict[Labels, list[int]] = {event[1]: [0] * len(bounds) for found in events.values() for event in found}
    found: Increases = {}
    hour = world.starts_at
    while counters and hour + HOUR <= now:
        before = {labels: list(counts) for labels, counts in counters.items()}
        for _, labels, value in sorted(events.get(hour, []), key=lambda event: event[0]):
            if value is None:
                counters[labels] = [0] * len(bounds)
            else:
                for position, bound in enumerate(bounds):
                    counters[labels][position] += value <= bound
        total = [0] * len(bounds)
        for labels, counts in counters.items():
            for position, (old, new) in enumerate(zip(before[labels], counts, strict=True)):
                total[position] += new if new < old else new - old
        found[hour] = total
        hour += HOUR
    return found


def _events_by_hour(world: World, now: datetime) -> dict[datetime, list[Event]]:
    series: set[Labels] = set()
    found: dict[datetime, list[Event]] = {}

    def add(at: datetime, labels: Labels, value: float | None) -> None:
        hour = at.replace(minute=0, second=0, microsecond=0)
        found.setdefault(hour, []).append((at, labels, value))

    for observation in world.histogram:
        if observation.metric == RETRY_AGE and observation.at <= now:
            series.add(observation.labels)
            add(observation.at, observation.labels, observation.value)
    for reset in world.counter_resets:
        if reset.metric == RETRY_AGE and reset.at <= now:
            for labels in sorted(series):
                if ("instance", reset.instance) in labels:
                    add(reset.at, labels, None)
    return found


def quantile(bounds: tuple[float, ...], counts: list[int]) -> Fraction | None:
    """Prometheus' histogram_quantile: linear inside the bucket, from 0 in the first, the last bound beyond it."""
    total = counts[-1]
    if total == 0:
        return None
    rank = QUANTILE * total
    below, lower = 0, Fraction(0)
    for bound, count in zip(bounds, counts, strict=False):
        if count >= rank:
            return lower + (Fraction(bound) - lower) * (rank - below) / (count - below)
        below, lower = count, Fraction(bound)
    return lower
