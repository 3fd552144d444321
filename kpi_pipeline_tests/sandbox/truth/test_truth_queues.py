"""Backlog and retry age, recounted by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth import queues
from kpi_pipeline.sandbox.world.model import CounterReset, GaugeSample, HistogramObservation

DAY = date(2025, 11, 10)
START = datetime(2025, 11, 9, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sample(tiny: Any, at: datetime, value: float, queue: str = "a") -> None:
    tiny.world.gauges.append(GaugeSample("queue_backlog", (("queue", queue),), at, value))


def waited(tiny: Any, at: datetime, *ms: float, instance: str = "one") -> None:
    for value in ms:
        tiny.world.histogram.append(HistogramObservation("retry_age_ms", (("instance", instance),), at, value))


def test_the_backlog_of_a_day_is_the_highest_sample_of_any_queue(tiny: Any) -> None:
    sample(tiny, START - timedelta(seconds=1), 99)
    sample(tiny, START, 7)
    sample(tiny, START + 30 * timedelta(minutes=1), 12, "b")
    sample(tiny, START + 5 * HOUR, 9)
    sample(tiny, START + 24 * HOUR, 98)
    found = tiny.value(queues.values, "queue_backlog_max", DAY)
    assert (found.value, found.numerator, found.denominator, found.n) == (Decimal(12), 2, 24, 2)


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 10, 26), 25), (date(2026, 3, 29), 23)])
def test_a_day_of_a_clock_change_has_its_own_number_of_hours(tiny: Any, day: date, hours: int) -> None:
    found = tiny.value(queues.values, "queue_backlog_max", day)
    assert (found.value, found.numerator, found.denominator) == (None, 0, hours)


def test_the_running_hour_has_begun(tiny: Any) -> None:
    found = tiny.value(queues.values, "queue_backlog_max", DAY, START + 3 * HOUR + timedelta(minutes=1))
    assert found.denominator == 4


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 10, 10], 95),  # all in the first bucket: rank 9.5 of 10, from zero
        ([0, 20, 20], 195),  # all in the second: 100 + 100 x 19/20
        ([0, 0, 4], 200),  # beyond the last bound: the last bound
        ([0, 0, 0], None),
    ],
)
def test_quantile_is_that_of_prometheus(counts: list[int], expected: int | None) -> None:
    assert queues.quantile((100.0, 200.0), counts) == (None if expected is None else Fraction(expected))


def test_the_worst_hour_of_the_day_counts_over_all_instances(tiny: Any) -> None:
    tiny.world.histogram_bounds = (100.0, 200.0)
    waited(tiny, START + timedelta(minutes=5), 40, 60, instance="one")
    waited(tiny, START + 3 * HOUR + timedelta(minutes=5), 50, instance="one")
    waited(tiny, START + 3 * HOUR + timedelta(minutes=6), 150, 200, 101, instance="two")
    found = tiny.value(queues.values, "retry_age_p95", DAY)
    # Hour 3: 1 of 4 up to 100, all 4 up to 200; rank 3.8 lies 2.8/3 into the second bucket.
    assert abs(found.value - (100 + 100 * Decimal("2.8") / 3)) < Decimal("1e-20")
    assert (found.numerator, found.denominator, found.n) == (2, 24, 6)


def test_after_a_restart_only_what_came_later_is_known(tiny: Any) -> None:
    tiny.world.histogram_bounds = (100.0, 200.0)
    waited(tiny, START - timedelta(minutes=30), 150, 150, 150)
    waited(tiny, START + timedelta(minutes=5), 150)  # lost: the counter falls from 3 to 1
    tiny.world.counter_resets.append(CounterReset("retry_age_ms", "one", START + timedelta(minutes=10)))
    waited(tiny, START + timedelta(minutes=20), 50)
    found = tiny.value(queues.values, "retry_age_p95", DAY)
    assert (found.n, found.value) == (1, Decimal(95))


def test_a_day_on_which_nothing_waited_is_not_a_day_without_data(tiny: Any) -> None:
    tiny.world.histogram_bounds = (100.0,)
    assert tiny.value(queues.values, "retry_age_p95", DAY).reason is None
    assert tiny.value(queues.values, "retry_age_p95", DAY).denominator == 0
    waited(tiny, START - HOUR, 5)
    found = tiny.value(queues.values, "retry_age_p95", DAY)
    assert (found.value, found.reason, found.denominator) == (None, "nothing_waited", 24)


def test_an_hour_is_covered_once_it_has_struck(tiny: Any) -> None:
    tiny.world.histogram_bounds = (100.0,)
    waited(tiny, START + timedelta(minutes=5), 5)
    now = START + 2 * HOUR + timedelta(minutes=59)
    assert tiny.value(queues.values, "retry_age_p95", DAY, now).denominator == 2
