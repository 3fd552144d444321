"""XmR: which points of a series are only noise and which are a signal, and whether a target will be met by chance.

The rules are those of "making data count" of NHS England as NHSRplotthedots computes them, in exact fractions: a point
on the centre line is on it, not beside it by a rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

LIMIT = Fraction(266, 100)
NEAR = LIMIT * 2 / 3
SCREEN = Fraction(3267, 1000)
RUN = 7
TRIAL = 13  # fewer points than this make limits that may still move

Better = Literal["higher", "lower"]
Kind = Literal["common", "improvement", "concern", "neutral"]
Signal = Literal["", "outside", "trend", "two_of_three", "run"]
Assurance = Literal["pass", "fail", "hit_and_miss", ""]


@dataclass(frozen=True, slots=True)
class Limits:
    """The process of the points [first, last]: centre, limits, and how many points they were computed from."""

    first: int
    last: int
    centre: Fraction
    mean_range: Fraction
    points: int

    @property
    def upper(self) -> Fraction:
        return self.centre + LIMIT * self.mean_range

    @property
    def lower(self) -> Fraction:
        return self.centre - LIMIT * self.mean_range

    @property
    def is_trial(self) -> bool:
        return self.points < TRIAL


@dataclass(frozen=True, slots=True)
class Point:
    """What a point is, the first of the signals that it is part of, and on which side of the centre it lies."""

    kind: Kind
    signal: Signal
    side: int


@dataclass(frozen=True, slots=True)
class Xmr:
    """A judged series: a point a value, one process a segment.

    `variation` is what the newest point says, `assurance` whether the newest process passes or fails the target always,
    or by chance; "" without a target or direction.
    """

    points: tuple[Point, ...]
    segments: tuple[Limits, ...]
    variation: Point
    assurance: Assurance

    @property
    def limits(self) -> Limits:
        """Of the process that is going on."""
        return self.segments[-1]


def judge(
    values: Sequence[Decimal],
    *,
    better: Better | None,
    target: Decimal | None = None,
    rebase: Collection[int] = (),
    fix_after: int | None = None,
    screen: bool = True,
) -> Xmr | None:
    """Judge values in order of time; None for no values.

    `rebase`: where a new process begins, for reasons that are known and dated. `fix_after`: limits are computed from so
    many points of a process only. `screen` leaves out moving ranges that are no part of the usual variation, once.
    """
    if not values:
        return None
    exact = [Fraction(value) for value in values]
    starts = [0, *sorted(index for index in set(rebase) if 0 < index < len(exact)), len(exact)]
    points: list[Point] = []
    segments: list[Limits] = []
    for first, after in pairwise(starts):
        part = exact[first:after]
        limits = _limits(part, first, fix_after, screen)
        segments.append(limits)
        points += _points(part, limits, better)
    return Xmr(tuple(points), tuple(segments), points[-1], _assurance(segments[-1], better, target))


def _limits(values: Sequence[Fraction], first: int, fix_after: int | None, screen: bool) -> Limits:
    base = values if fix_after is None else values[:fix_after]
    ranges = [abs(after - before) for before, after in pairwise(base)]
    mean_range = _mean(ranges)
    if screen and mean_range:
        # Where nearly all values are equal every step is far from the mean step: without them there is no variation.
        mean_range = _mean([each for each in ranges if each < SCREEN * mean_range]) or mean_range
    return Limits(first, first + len(values) - 1, _mean(base), mean_range, len(base))


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values) if values else Fraction(0)


def _points(values: Sequence[Fraction], limits: Limits, better: Better | None) -> list[Point]:
    sides = [(value > limits.centre) - (value < limits.centre) for value in values]
    outside = [value > limits.upper or value < limits.lower for value in values]
    near = [
        not out and abs(value - limits.centre) > NEAR * limits.mean_range
        for value, out in zip(values, outside, strict=True)
    ]
    trend = _parts_of(RUN, len(values), lambda window: _rises(values[window]))
    run = _parts_of(RUN, len(values), lambda window: abs(sum(sides[window])) == RUN)
    two = _parts_of(3, len(values), lambda window: sum(near[window]) >= 2 and abs(sum(sides[window])) == 3)
    judged = []
    for index, side in enumerate(sides):
        signal: Signal = (
            "outside"
            if outside[index]
            else "trend"
            if trend[index]
            else "two_of_three"
            if two[index] and near[index]
            else "run"
            if run[index]
            else ""
        )
        judged.append(Point(_kind(signal, side, better), signal, side))
    return judged


def _parts_of(size: int, count: int, holds: Callable[[slice], bool]) -> list[bool]:
    """Of each point, whether it is part of a stretch of `size` neighbours of which something holds."""
    part = [False] * count
    for first in range(count - size + 1):
        if holds(slice(first, first + size)):
            part[first : first + size] = [True] * size
    return part


def _rises(values: Sequence[Fraction]) -> bool:
    """Whether values only rise, or only fall."""
    steps = [after - before for before, after in pairwise(values)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _kind(signal: Signal, side: int, better: Better | None) -> Kind:
    if not signal:
        return "common"
    if better is None:
        return "neutral"
    return "improvement" if side == (1 if better == "higher" else -1) else "concern"


def _assurance(limits: Limits, better: Better | None, target: Decimal | None) -> Assurance:
    if better is None or target is None:
        return ""
    if target > limits.upper:
        return "fail" if better == "higher" else "pass"
    if target < limits.lower:
        return "pass" if better == "higher" else "fail"
    return "hit_and_miss"
