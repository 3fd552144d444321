"""XmR against the rules as published: limits worked out by hand, and a table of series with what each point is.

In the tables `.` is common cause, + improvement, - concern, n neutral; o outside the limits, t trend, 2 two of three, r
run on one side.
"""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.reports.xmr import Better, Xmr, judge

KINDS = {"common": ".", "improvement": "+", "concern": "-", "neutral": "n"}
SIGNALS = {"": ".", "outside": "o", "trend": "t", "two_of_three": "2", "run": "r"}
FLAT = "10 12 " * 6  # mean 11, every moving range 2: limits 11 ± 5.32, near limits 11 ± 3.546…


def found(text: str, better: Better | None = "higher", **options: object) -> Xmr:
    judged = judge([Decimal(each) for each in text.split()], better=better, **options)  # type: ignore[arg-type]
    assert judged is not None
    return judged


def test_limits_are_the_centre_and_2_66_mean_moving_ranges() -> None:
    limits = found(FLAT).limits
    assert (limits.centre, limits.mean_range) == (11, 2)
    assert (limits.upper, limits.lower) == (Fraction(1632, 100), Fraction(568, 100))
    assert (limits.first, limits.last, limits.points) == (0, 11, 12)


def test_a_jump_is_screened_out_of_the_ranges_once_but_not_out_of_the_centre() -> None:
    # Ranges: ten of 1, then 30: mean 40/11 = 3.64, 3.267 times that 11.9 < 30, so the mean of the other ten: 1.
    text = "5 6 5 6 5 6 5 6 5 6 5 35"
    limits = found(text).limits
    assert limits.mean_range == 1
    assert limits.centre == Fraction(60 + 35, 12)
    assert found(text, screen=False).limits.mean_range == Fraction(40, 11)


def test_a_step_among_equal_values_is_the_variation_there_is() -> None:
    # Without the two ranges of 1 nothing would vary, and every 0 would lie below limits that are both the mean.
    judged = found("0 0 0 0 0 0 0 1 0 0 0 0", better="lower", target=Decimal(0))
    assert judged.limits.mean_range == Fraction(2, 11)
    assert {point.signal for point in judged.points if point.side < 0} <= {"", "run"}
    assert judged.assurance == "hit_and_miss"


def test_limits_are_of_the_first_points_where_they_are_fixed() -> None:
    limits = found(f"{FLAT} 20 22 20 22", fix_after=12).limits
    assert (limits.centre, limits.mean_range, limits.points, limits.last) == (11, 2, 12, 15)


@pytest.mark.parametrize(
    ("text", "kinds", "signals"),
    [
        ("16.33", "+", "o"),
        ("5.67", "-", "o"),
        # Two of three beyond 14.546…, all three above the centre: the two are marked, the third is not.
        ("15 11.5 15", "+.+", "2.2"),
        ("15 15", "++", "22"),  # the 12 before them is the third
        ("7 7 10.5", "--.", "22."),
        # Seven on one side; the 12 before is the first of them.
        ("12 12 12 12 12 12", "++++++", "rrrrrr"),
        # Seven that rise: six steps, marked whatever side they are on, and a trend before a run.
        ("10 10.1 10.2 10.3 10.4 10.5 10.6", "-------", "ttttttt"),
        ("10.1 10.2 10.3 10.4 10.5 10.5 10.6", "-------", "rrrrrrr"),  # equal is no rise
        ("10.9 10.8 10.7 10.6 10.5 10.4", "------", "tttttt"),  # the 12 before is the first that falls
        ("12.1 13 14 14.2 14.4 17", "++++++", "ttttto"),  # outside comes first
    ],
)
def test_points_after_a_steady_process_are_told_apart(text: str, kinds: str, signals: str) -> None:
    after = found(f"{FLAT}{text}", fix_after=12).points[12:]
    assert "".join(SIGNALS[each.signal] for each in after) == signals
    assert "".join(KINDS[each.kind] for each in after) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "16.32",  # on a limit is not outside
        "10 15 15",  # two of three near, but the third lies below the centre
        "15 10 15",
        "12 12 12 12 12",  # six on one side
        "12 12 12 11 12 12 12 12",  # a point on the centre breaks a run
        "10 10.5 11 11.5 12 12.5 12.4",  # five steps
    ],
)
def test_what_is_nearly_a_signal_is_none(text: str) -> None:
    assert {each.signal for each in found(f"{FLAT}{text}", fix_after=12).points} == {""}


@pytest.mark.parametrize(
    ("better", "high", "low"),
    [("higher", "improvement", "concern"), ("lower", "concern", "improvement"), (None, "neutral", "neutral")],
)
def test_the_direction_says_what_is_good(better: Better | None, high: str, low: str) -> None:
    assert found(f"{FLAT}20", better).points[-1].kind == high
    assert found(f"{FLAT}1", better).points[-1].kind == low
    assert found(f"{FLAT}20", better).variation.side == 1


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        ("16.33", "fail", "pass"),
        ("16.32", "hit_and_miss", "hit_and_miss"),
        ("11", "hit_and_miss", "hit_and_miss"),
        ("5.68", "hit_and_miss", "hit_and_miss"),
        ("5.67", "pass", "fail"),
    ],
)
def test_assurance_is_about_the_limits_not_the_last_point(target: str, higher: str, lower: str) -> None:
    assert found(FLAT, "higher", target=Decimal(target)).assurance == higher
    assert found(FLAT, "lower", target=Decimal(target)).assurance == lower


def test_without_target_or_direction_nothing_is_assured() -> None:
    assert found(FLAT).assurance == ""
    assert found(FLAT, None, target=Decimal(1)).assurance == ""


def test_a_new_process_has_limits_and_runs_of_its_own() -> None:
    judged = found(f"{FLAT}{'20 22 ' * 6}", rebase=[12])
    assert [(each.first, each.last, each.centre) for each in judged.segments] == [(0, 11, 11), (12, 23, 21)]
    assert {each.signal for each in judged.points} == {""}
    assert {each.signal for each in found(f"{FLAT}{'20 22 ' * 6}").points} != {""}
    assert judged.limits.centre == 21


def test_limits_of_few_points_are_trial_limits() -> None:
    assert found(FLAT).limits.is_trial
    assert not found(f"{FLAT}11").limits.is_trial
    assert found(f"{FLAT}11 12", fix_after=12).limits.is_trial


def test_a_series_that_never_moves_has_no_signal_even_where_its_mean_has_no_end() -> None:
    judged = found("0.1 " * 3 + "0.1 " * 10)
    assert judged.limits.mean_range == 0
    assert {each.signal for each in judged.points} == {""}


@pytest.mark.parametrize("text", ["5", "5 7"])
def test_one_or_two_points_say_nothing(text: str) -> None:
    assert {each.signal for each in found(text).points} == {""}


def test_nothing_is_judged_of_no_values() -> None:
    assert judge([], better="higher") is None


def test_noise_gives_few_signals_and_a_shift_is_found() -> None:
    noise = random.Random(7)
    values = [Decimal(str(round(noise.gauss(50, 3), 4))) for _ in range(40)]
    calm = judge(values, better="higher")
    assert calm is not None
    assert sum(bool(each.signal) for each in calm.points) <= 2
    moved = judge([*values, *(value + 6 for value in values[:10])], better="higher", fix_after=40)
    assert moved is not None
    assert sum(each.kind == "improvement" for each in moved.points[-10:]) >= 7


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.integers(-50, 50))
def test_moving_and_mirroring_a_series_changes_nothing_but_the_side(values: list[int], by: int) -> None:
    plain = judge([Decimal(value) for value in values], better="higher")
    moved = judge([Decimal(value + by) for value in values], better="higher")
    mirrored = judge([Decimal(-value) for value in values], better="lower")
    assert plain is not None
    assert moved is not None
    assert mirrored is not None
    assert moved.points == plain.points
    assert [(each.kind, each.signal, -each.side) for each in mirrored.points] == [
        (each.kind, each.signal, each.side) for each in plain.points
    ]
