"""Round ticks and straight scales, in exact numbers: a chart has the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def ticks(low: Decimal, high: Decimal, about: int = 5, *, whole: bool = False) -> list[Decimal]:
    """Round numbers from at or below `low` to at or above `high`, about so many; `whole`: of counted things."""
    if high == low:
        high = low + (abs(low) if low else Decimal(1))
    rough = (high - low) / max(1, about - 1)
    size = Decimal(1).scaleb(rough.adjusted())
    step = next(size * each for each in STEPS if size * each >= rough)
    if whole:
        step = max(Decimal(1), step.to_integral_value(ROUND_CEILING))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * index for index in range(int(first), int(last) + 1)]


def span(values: Sequence[Decimal], *, with_zero: bool) -> tuple[Decimal, Decimal]:
    """Lowest and highest; of bars, whose length is read, with zero."""
    found = [*values, Decimal(0)] if with_zero or not values else list(values)
    return min(found), max(found)


def in_view(values: Sequence[Decimal], aim: Decimal) -> bool:
    """Whether a target can be drawn with the values: one far away would press them into a line along the edge."""
    if not values:
        return True
    low, high = min(values), max(values)
    around = max(high - low, abs(high) / 20)
    return low - 2 * around <= aim <= high + 2 * around


@dataclass(frozen=True, slots=True)
class Scale:
    """[low, high] → [start, end] in pixels, to a tenth."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        width = self.high - self.low
        share = float((value - self.low) / width) if width else 0.5
        return round(self.start + (self.end - self.start) * share, 1)


def every(count: int, room: int) -> int:
    """Label every so many of `count` things where `room` labels fit."""
    return max(1, -(-count // max(1, room)))
