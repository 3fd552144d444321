"""What Prometheus scraped from the queues of the RentGuy synchronisation."""

from __future__ import annotations

import math
from datetime import date, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import CounterReset, GaugeSample, HistogramObservation, World

BACKLOG, RETRY_AGE = "queue_backlog", "retry_age_ms"
QUEUES = ("rentguy_sync", "rentguy_webhooks")
INSTANCES = ("worker-1", "worker-2")
BOUNDS = (30_000, 60_000, 120_000, 180_000, 240_000, 300_000, 450_000, 600_000, 900_000, 1_800_000)
SCRAPE = timedelta(minutes=15)
JAM_QUARTERS = range(48, 64)  # a jam lasts from noon to four
RETRIES_BY_HOUR = (0, 0, 0, 0, 1, 2, 6, 11, 14, 16, 15, 13, 14, 16, 15, 13, 12, 11, 9, 8, 6, 4, 2, 1)
GAP_DAY = 40  # days before the Monday of the anchor; Prometheus itself was down from two to four


def fill(world: World, scene: Scene) -> None:
    world.histogram_bounds = tuple(float(bound) for bound in BOUNDS)
    for day in scene.all_days():
        _backlog(world, scene, day)
        _retries(world, scene, day)
    for day in scene.all_days():  # a worker is restarted every few days, in the middle of an hour
        if day.toordinal() % 6 == 0:
            worker = INSTANCES[day.toordinal() // 6 % 2]
            world.counter_resets.append(CounterReset(RETRY_AGE, worker, scene.days.at(day, 11 * 3600 + 1234)))


def _backlog(world: World, scene: Scene, day: date) -> None:
    """A sample of each queue every quarter: low at night, at most 30 at noon, higher when the story jams a queue."""
    r = scene.stream("backlog", day)
    peak = 17 + 13 * r.random() ** 2
    jam = scene.story.queue_jams.get(day)
    gap = day == scene.story.monday - GAP_DAY * DAY
    start, append = scene.days.start(day), world.gauges.append
    quarters = (scene.days.start(day + DAY) - start) // SCRAPE
    labels = tuple((("queue", queue),) for queue in QUEUES)
    for quarter in range(quarters):
        if gap and 8 <= quarter < 16:
            continue
        at = start + quarter * SCRAPE
        busy = 1 - abs(quarter - 52) / 52 if quarter < 104 else 0.0
        for number, label in enumerate(labels):
            value = int(peak * busy * (0.6 + 0.4 * r.random()) / (1 + number))
            if jam is not None and number == 0 and quarter in JAM_QUARTERS:
                value = jam - abs(quarter - 56) * 2
            append(GaugeSample(BACKLOG, label, at, float(value)))


def _retries(world: World, scene: Scene, day: date) -> None:
    """How long each retried job had waited: below five minutes in the worst of most hours, a quarter on a bad day."""
    r = scene.stream("retries", day)
    slow = day in scene.story.slow_retries
    start, append = scene.days.start(day), world.histogram.append
    series = tuple((("instance", instance),) for instance in INSTANCES)
    hours = (scene.days.start(day + DAY) - start) // timedelta(hours=1)
    for hour in range(hours):
        begin = start + timedelta(hours=hour)
        expected = RETRIES_BY_HOUR[min(hour, 23)]
        for _ in range(max(0, round(r.gauss(expected, expected * 0.35))) if expected else int(r.random() < 0.3)):
            at = begin + timedelta(milliseconds=1000 + int(r.random() * 3_597_000))
            value = _age(r, slow=slow and 12 <= hour < 16)
            append(HistogramObservation(RETRY_AGE, series[int(r.random() * 2)], at, value))


def _age(r: Random, *, slow: bool) -> float:
    if slow:
        return float(int(min(1_700_000, math.exp(r.gauss(12.9, 0.45)))))
    return float(int(min(430_000, math.exp(r.gauss(10.8, 0.62)))))
