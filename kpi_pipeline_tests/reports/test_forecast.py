"""Forecasts from the past alone: the method that was off least, its interval, and how it did on unseen weeks."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.reports.forecast import FEWEST, Forecast, forecast

WEEKS = 8


def series(*values: int) -> list[Decimal | None]:
    return [Decimal(each) for each in values]


def made(values: list[Decimal | None], **more: Decimal) -> Forecast:
    found = forecast(values, WEEKS, **more)
    assert found is not None
    return found


def test_what_does_not_move_stays_where_it_is() -> None:
    found = made(series(*[7] * 52))
    assert found.points == found.low == found.high == (Decimal(7),) * WEEKS
    assert (found.method, found.off) == ("last", 0)
    assert found.held == found.tried > 0


def test_a_straight_line_goes_on() -> None:
    found = made(series(*range(100, 152)))
    assert found.method == "trend"
    assert [round(each, 6) for each in found.points] == [Decimal(152 + week) for week in range(WEEKS)]


def test_what_goes_up_and_down_is_expected_in_the_middle_with_an_interval_that_holds_both() -> None:
    found = made(series(*[10, 20] * 26))
    assert found.method in ("mean", "trend")
    assert all(Decimal(14) < each < Decimal(16) for each in found.points)
    assert found.low[-1] <= 10
    assert found.high[-1] >= 20
    assert not found.is_doubtful


def test_a_break_that_nothing_announced_makes_the_interval_doubtful() -> None:
    calm = [50 + week % 2 for week in range(32)]
    found = made(series(*calm, *[50 + 40 * (week % 2) for week in range(20)]))
    assert found.is_doubtful


def test_nothing_goes_below_zero_or_above_its_ceiling() -> None:
    falling = made(series(*range(104, 0, -2)))
    assert min(falling.low) == 0
    rising = made(series(*range(48, 100)), ceiling=Decimal(100))
    assert max(rising.high) == 100
    assert min(made(series(*range(50, -54, -2))).points) < -60


@pytest.mark.parametrize("count", [0, FEWEST - 1])
def test_too_few_weeks_make_no_forecast(count: int) -> None:
    assert forecast([*[None] * 20, *series(*range(count))], WEEKS) is None


def test_a_series_that_ended_makes_no_forecast() -> None:
    assert forecast([*series(*range(39)), *[None] * 13], WEEKS) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.decimals(-1000, 1000, places=2)), min_size=40, max_size=60))
def test_the_interval_has_the_point_in_it_and_never_narrows(values: list[Decimal | None]) -> None:
    found = forecast(values, WEEKS)
    if found is None:
        return
    widths = [high - low for low, high in zip(found.low, found.high, strict=True)]
    known = [value for value in values if value is not None]
    if min(known) < 0:  # otherwise zero cuts it off
        assert all(later >= earlier for earlier, later in pairwise(widths))
    assert all(low <= point <= high for low, point, high in zip(found.low, found.points, found.high, strict=True))
    assert 0 <= found.held <= found.tried
