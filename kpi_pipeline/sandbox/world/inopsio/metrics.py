"""What Prometheus scraped: requests and their latency, errors, and the database's statement statistics."""

from __future__ import annotations

import math
from datetime import date, timedelta

from kpi_pipeline.sandbox.world.inopsio.scene import Scene
from kpi_pipeline.sandbox.world.model import CounterGrowth, CounterReset, HistogramObservation, World

LATENCY = "api_latency_ms"
BOUNDS = (25.0, 50.0, 100.0, 150.0, 200.0, 300.0, 500.0, 1000.0, 2500.0)
REQUESTS, TIMEOUTS = "http_requests_total", "http_request_timeouts_total"
DB_TIME, DB_CALLS = "pg_stat_statements_exec_time_ms_total", "pg_stat_statements_calls_total"
INSTANCES = ("api-1", "api-2")
HOUR = timedelta(hours=1)
KEPT_DAYS = 150  # Prometheus keeps no more
# Counters are read at full hours. Restarts come at five past, growth in the second half: no reading misses any of it.
RESTART, GROWS = timedelta(minutes=5), timedelta(minutes=30)
BAD_DAYS_AGO = (12, 47)


def fill(world: World, scene: Scene) -> None:
    world.histogram_bounds = BOUNDS
    kept = [day for day in scene.all_days() if (scene.anchor - day).days <= KEPT_DAYS]
    world.scraped_since = scene.days.start(kept[0])
    bad = {(scene.ago(days)).date() for days in BAD_DAYS_AGO}
    for day in kept:
        _latency(world, scene, day, slow=day in bad)
        _requests(world, scene, day, failing=day in bad)
        _database(world, scene, day, slow=day in bad)
        if day.toordinal() % 9 == 0:
            _restart(world, scene, day)


def _latency(world: World, scene: Scene, day: date, *, slow: bool) -> None:
    """A sample of the requests: half of them in 60 ms, one in twenty above 190 ms (500 ms on a bad day)."""
    r, start = scene.stream("latency", day), scene.days.start(day)
    labels = tuple((("instance", instance),) for instance in INSTANCES)
    for number in range(120 if day.weekday() < 5 else 50):
        at = start + int(r.random() * 24) * HOUR + GROWS + timedelta(milliseconds=int(r.random() * 1_790_000))
        value = math.exp(r.gauss(4.1 if not slow else 4.9, 0.68))
        world.histogram.append(HistogramObservation(LATENCY, labels[number % 2], at, round(value, 1)))


def _requests(world: World, scene: Scene, day: date, *, failing: bool) -> None:
    r, start = scene.stream("requests", day), scene.days.start(day)
    for hour in range(24):
        at = start + hour * HOUR + GROWS + timedelta(seconds=int(r.random() * 1_700))
        for instance in INSTANCES:
            total = int((300 + 900 * math.sin(math.pi * hour / 24) ** 2) * (0.8 + 0.4 * r.random()))
            failed = sum(r.random() < 0.25 for _ in range(2)) + (18 if failing and 12 <= hour < 15 else 0)
            for status, by in (("200", total - failed - 9), ("404", 9), ("503", failed)):
                if by:
                    labels = (("instance", instance), ("status", status))
                    world.counters.append(CounterGrowth(REQUESTS, labels, at, float(by)))
            if r.random() < 0.08:
                world.counters.append(CounterGrowth(TIMEOUTS, (("instance", instance),), at, 1.0))


def _database(world: World, scene: Scene, day: date, *, slow: bool) -> None:
    """Statements and the milliseconds that they took: 20 to 40 a statement, 130 on a bad day."""
    r, start = scene.stream("database", day), scene.days.start(day)
    labels = (("instance", "db-1"),)
    for hour in range(24):
        at = start + hour * HOUR + GROWS + timedelta(seconds=int(r.random() * 1_700))
        calls = 2_000 + int(r.random() * 3_000)
        mean = (130.0 if slow else 20.0) + 20 * r.random()
        world.counters.append(CounterGrowth(DB_CALLS, labels, at, float(calls)))
        world.counters.append(CounterGrowth(DB_TIME, labels, at, float(int(calls * mean))))


def _restart(world: World, scene: Scene, day: date) -> None:
    """An instance is restarted in the morning; on another day the database's statistics are reset."""
    at = scene.days.start(day) + 10 * HOUR + RESTART
    instance = INSTANCES[day.toordinal() // 9 % 2]
    for metric in (LATENCY, REQUESTS, TIMEOUTS):
        world.counter_resets.append(CounterReset(metric, instance, at))
    for metric in (DB_TIME, DB_CALLS):
        world.counter_resets.append(CounterReset(metric, "db-1", at + 5 * HOUR))
