"""What Prometheus scraped: page loads, queries and requests of the platform."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene
from kpi_pipeline.sandbox.world.model import CounterGrowth, CounterReset, GaugeSample, HistogramObservation, World

LOADS = "page_load_seconds"  # a histogram, which Prometheus shows as buckets, a sum and a count
LOAD_MEAN = "page_load_seconds:mean30m"
QUERY_SUM, QUERY_COUNT, REQUESTS = "query_seconds_sum", "query_seconds_count", "http_requests_total"
BOUNDS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 20.0)
INSTANCES = ("web-1", "web-2")
HALF_HOUR, SECOND = timedelta(minutes=30), timedelta(seconds=1)
# Counters are read at full hours. Restarts come at five past, growth at twenty and fifty past: no reading misses any.
RESTART, GROWS = timedelta(minutes=5), timedelta(minutes=20)


def fill(world: World, scene: Scene) -> None:
    world.histogram_bounds = BOUNDS
    for day in scene.scraped_days():
        _loads(world, scene, day)
        _work(world, scene, day)
        if day.toordinal() % 8 == 0:
            _restart(world, scene, day)


def _loads(world: World, scene: Scene, day: date) -> None:
    """Two to seven loads each half hour: 2.4 s on average; after the bad release more than seven for two hours.

    The recording rule gives the mean of the half hour that ends; an empty half hour has none.
    """
    start = scene.days.start(day)
    for half in range(48):
        r = scene.stream("loads", day, half)
        begin = start + half * HALF_HOUR
        slow = day == scene.slow_day and 20 <= half < 24
        busy = 0.25 + 0.75 * math.sin(math.pi * half / 48) ** 2
        seconds = [round(_seconds(r.gauss(0, 1), slow=slow), 3) for _ in range(int(busy * (3 + 5 * r.random())))]
        for number, value in enumerate(seconds):
            at = begin + RESTART + SECOND * (60 + int(r.random() * 1_300))
            labels = (("instance", INSTANCES[number % 2]),)
            world.histogram.append(HistogramObservation(LOADS, labels, at, value))
        if seconds:
            mean = round(sum(seconds) / len(seconds), 4)
            world.gauges.append(GaugeSample(LOAD_MEAN, (), begin + HALF_HOUR, mean))


def _seconds(draw: float, *, slow: bool) -> float:
    return math.exp((2.0 if slow else 0.78) + draw * 0.35)


def _work(world: World, scene: Scene, day: date) -> None:
    """Queries (1.5 s on average) and requests, of which one in two thousand fails; more during the outage."""
    start = scene.days.start(day)
    for hour in range(24):
        r = scene.stream("work", day, hour)
        at = start + timedelta(hours=hour) + GROWS + timedelta(minutes=int(r.random() * 30))
        busy = 0.3 + math.sin(math.pi * hour / 24) ** 2
        for instance in INSTANCES:
            _requests(world, scene, r.random(), int(2_400 * busy * (0.8 + 0.4 * r.random())), instance, at)
        queries = int(900 * busy * (0.8 + 0.4 * r.random()))
        seconds = float(round(queries * (1.25 + 0.5 * r.random()), 3))
        world.counters.append(CounterGrowth(QUERY_COUNT, (("instance", "db-1"),), at, float(queries)))
        world.counters.append(CounterGrowth(QUERY_SUM, (("instance", "db-1"),), at, seconds))


def _requests(world: World, scene: Scene, draw: float, total: int, instance: str, at: datetime) -> None:
    down = timedelta() <= at - scene.outage < timedelta(hours=1)
    failed = int(total * (0.3 if down else 0.0002 + 0.0009 * draw))
    for code, by in (("2xx", total - failed - 11), ("4xx", 11), ("5xx", failed)):
        if by > 0:
            world.counters.append(CounterGrowth(REQUESTS, (("code", code), ("instance", instance)), at, float(by)))


def _restart(world: World, scene: Scene, day: date) -> None:
    at = scene.days.start(day) + timedelta(hours=9) + RESTART
    instance = INSTANCES[day.toordinal() // 8 % 2]
    for metric in (LOADS, REQUESTS):
        world.counter_resets.append(CounterReset(metric, instance, at))
    for metric in (QUERY_SUM, QUERY_COUNT):
        world.counter_resets.append(CounterReset(metric, "db-1", at + timedelta(hours=4)))
