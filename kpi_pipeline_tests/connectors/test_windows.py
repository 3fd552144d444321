"""Windows cut in pieces, and pieces read side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.connectors.windows import side_by_side, slices, units_since_epoch
from kpi_pipeline.landing.page import Window

START = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.integers(1, 10**6), st.integers(1, 40))
def test_slices_adjoin_and_cover_the_window(seconds: int, count: int) -> None:
    whole = Window(START, START + timedelta(seconds=seconds))
    parts = slices(whole, count)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(before.end == after.start for before, after in pairwise(parts))
    assert len(parts) <= count
    assert all(part.start < part.end for part in parts)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(0, 999_999))  # noqa: DTZ001 - zone is added
def test_a_bound_in_coarser_units_keeps_every_record_on_its_side(naive: datetime, micro: int) -> None:
    bound = naive.replace(tzinfo=UTC, microsecond=micro)
    second = timedelta(seconds=1)
    for record in (bound.replace(microsecond=0), bound.replace(microsecond=0) + second):
        stamp = int(record.timestamp())
        assert (stamp >= units_since_epoch(bound, second)) == (record >= bound)


def task(number: int) -> Iterator[int]:
    yield from range(number * 10, number * 10 + 10)


@pytest.mark.parametrize("workers", [1, 4])
def test_everything_comes_once(workers: int) -> None:
    found = list(side_by_side([partial(task, n) for n in range(20)], workers=workers))
    assert sorted(found) == list(range(200))


def test_the_first_error_is_raised_and_the_others_stop() -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(1)
            yield 1

    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        list(side_by_side([endless, broken, endless], workers=3))
    count = len(made)
    time.sleep(0.05)
    assert len(made) == count


def test_a_reader_who_stops_early_stops_the_workers() -> None:
    before = threading.active_count()
    reading = side_by_side([partial(task, n) for n in range(20)], workers=4)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_few_results_wait_to_be_taken() -> None:
    made: list[int] = []

    def counting(number: int) -> Iterator[int]:
        for each in task(number):
            made.append(each)
            yield each

    for taken, _ in enumerate(side_by_side([partial(counting, n) for n in range(8)], workers=3), start=1):
        assert len(made) - taken <= 2 * 3 + 1
