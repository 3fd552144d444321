"""Time that loads asked for, and time that none did although later time was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.landing.coverage import Coverage
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline_tests.landing.orders import WINDOW, load, order, page

HOUR, START = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    return load(Landing(tmp_path_factory.mktemp("landing")), [page([order(1)])])


def span(first: int, last: int) -> Window:
    return Window(START + first * HOUR, START + last * HOUR)


def coverage(receipt: Receipt, windows: Sequence[Window], proof: str = "exhausted") -> Coverage:
    return Coverage([replace(receipt, window=window, proof=proof) for window in windows])


@pytest.mark.parametrize(
    ("first", "last", "unread"),
    [
        (0, 5, True),  # before the first load
        (0, 10, True),  # up to its start
        (0, 11, False),
        (12, 14, False),
        (20, 30, True),  # between two loads
        (22, 25, True),
        (19, 21, False),
        (29, 31, False),
        (10, 10, True),  # as things stood when the first load began, and after the end of one
        (11, 11, False),
        (20, 20, False),
        (21, 21, True),
        (30, 30, True),
        (31, 31, False),
        (40, 50, False),  # after the last: the stream is behind, which its watermark tells
        (100, 101, False),
    ],
)
def test_time_before_and_between_loads_is_unread(receipt: Receipt, first: int, last: int, unread: bool) -> None:
    found = coverage(receipt, [span(30, 40), span(10, 15), span(12, 20)])
    assert found.spans == [span(10, 20), span(30, 40)]
    assert found.is_unread(span(first, last).start, span(first, last).end) is unread


def test_a_snapshot_and_a_stream_without_loads_leave_nothing_unread(receipt: Receipt) -> None:
    for found in (coverage(receipt, [span(10, 10)]), coverage(receipt, [span(10, 20)], "snapshot"), Coverage([])):
        assert not found.is_unread(START, START + HOUR)


def test_a_load_covers_the_window_it_asked_for(receipt: Receipt) -> None:
    assert Coverage([receipt]).spans == [WINDOW]


hours = st.integers(0, 30)
spans = st.tuples(hours, hours).filter(lambda each: each[0] < each[1])


@given(st.lists(spans, max_size=5), spans)
def test_it_agrees_with_a_count_of_hours(
    receipt: Receipt, loads: list[tuple[int, int]], asked: tuple[int, int]
) -> None:
    read = {hour for first, last in loads for hour in range(first, last)}
    unread = read.isdisjoint(range(*asked)) and any(hour >= asked[1] for hour in read)
    window = span(*asked)
    assert coverage(receipt, [span(*each) for each in loads]).is_unread(window.start, window.end) is unread
