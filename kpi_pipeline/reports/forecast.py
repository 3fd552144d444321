"""What the coming weeks would bring if things go on as they did: a point and an interval a week, with their backtest.

Three simple methods forecast every past week from what was known before it: the last value, the mean and the straight
line through the last 13 weeks. The one that was off least is used; its past errors at each distance give the interval
(10th to 90th percentile). How good that is was tried on the later half of the past, which had no part in the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.reports.packs.moments import RANKS, window_rank
from kpi_pipeline.reports.reading import Reading, week_ends

LOOK_BACK = 13  # weeks that a method looks at
FEWEST = 26  # known weeks without which there is nothing to try it on
LOW, HIGH = Decimal("0.1"), Decimal("0.9")
PAST = 52  # weeks
WHOLE = Decimal(100)

Past = Sequence[tuple[int, Decimal]]
Method = Callable[[Past, int], Decimal]


def _last(past: Past, _at: int) -> Decimal:
    return past[-1][1]


def _mean(past: Past, _at: int) -> Decimal:
    return sum((value for _, value in past), Decimal(0)) / len(past)


def _trend(past: Past, at: int) -> Decimal:
    """Least squares through the weeks that are known."""
    middle = sum((Decimal(week) for week, _ in past), Decimal(0)) / len(past)
    mean = _mean(past, at)
    spread = sum(((week - middle) ** 2 for week, _ in past), Decimal(0))
    if not spread:
        return mean
    slope = sum(((week - middle) * (value - mean) for week, value in past), Decimal(0)) / spread
    return mean + slope * (at - middle)


METHODS: Mapping[str, Method] = {"last": _last, "mean": _mean, "trend": _trend}


@dataclass(frozen=True, slots=True)
class Forecast:
    """A value a coming week with the interval that holds eight times out of ten, and how it did on the past.

    `off` is the mean absolute error in the unit of the KPI; of `tried` later forecasts, `held` were in their interval.
    """

    method: str
    points: tuple[Decimal, ...]
    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]
    off: Decimal
    held: int
    tried: int

    @property
    def is_doubtful(self) -> bool:
        """Whether the interval did not hold half of what it was tried on: the past was no guide."""
        return 2 * self.held < self.tried or not self.tried


def of_kpi(reading: Reading, kpi: Kpi, weeks: int) -> Forecast | None:
    """Of a KPI over at most a week, from the last 52 values of whole periods; None for grades and longer periods.

    What still runs is no point of the past.
    """
    if kpi.grades or window_rank(kpi) >= RANKS["month"]:
        return None
    series, days = reading.series(kpi.id), week_ends(reading.day, PAST)
    values = [row.value if (row := series.get(day)) is not None and row.closed else None for day in days]
    ceiling = WHOLE if kpi.unit == "percent" and all(each is None or each <= WHOLE for each in values) else None
    return forecast(values, weeks, ceiling=ceiling)


def forecast(values: Sequence[Decimal | None], weeks: int, *, ceiling: Decimal | None = None) -> Forecast | None:
    """The coming weeks of a weekly series, oldest first; None for fewer than 26 known weeks, or none of the last 13.

    What never was below zero is not forecast below it; `ceiling` is the most that the value can be.
    """
    known = [(week, value) for week, value in enumerate(values) if value is not None]
    past = _before(known, len(values))
    if len(known) < FEWEST or not past:
        return None
    errors = {name: _errors(method, known, values, weeks) for name, method in METHODS.items()}
    origins = sorted({origin for origin, _, _ in errors["last"]})
    if len(origins) < LOOK_BACK:
        return None
    half = origins[len(origins) // 2]
    held, tried = _tried(errors, half, weeks)
    name = _best(errors)
    bounds = _bounds(errors[name], weeks)
    floor = Decimal(0) if min(value for _, value in known) >= 0 else None
    points = [METHODS[name](past, len(values) - 1 + ahead) for ahead in range(1, weeks + 1)]
    ends = [(point + bounds[ahead][0], point + bounds[ahead][1]) for ahead, point in enumerate(points, start=1)]
    return Forecast(
        method=name,
        points=tuple(_within(each, floor, ceiling) for each in points),
        low=tuple(_within(low, floor, ceiling) for low, _ in ends),
        high=tuple(_within(high, floor, ceiling) for _, high in ends),
        off=_off(errors[name]),
        held=held,
        tried=tried,
    )


Errors = list[tuple[int, int, Decimal]]  # week it was made in, weeks ahead, value less forecast


def _before(known: Past, week: int) -> Past:
    return [each for each in known if week - LOOK_BACK <= each[0] < week]


def _errors(method: Method, known: Past, values: Sequence[Decimal | None], weeks: int) -> Errors:
    """Every forecast of a past week from the weeks before it."""
    found: Errors = []
    for origin in range(LOOK_BACK - 1, len(values) - 1):
        past = _before(known, origin + 1)
        if len(past) < LOOK_BACK // 2:
            continue
        for ahead in range(1, min(weeks, len(values) - 1 - origin) + 1):
            value = values[origin + ahead]
            if value is not None:
                found.append((origin, ahead, value - method(past, origin + ahead)))
    return found


def _off(errors: Errors) -> Decimal:
    return sum((abs(error) for _, _, error in errors), Decimal(0)) / len(errors)


def _best(errors: Mapping[str, Errors]) -> str:
    """The method that was off least; of equals the simplest."""
    return min(errors, key=lambda name: _off(errors[name]))


def _bounds(errors: Errors, weeks: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Weeks ahead → the 10th and 90th percentile of the errors, never narrower than those of a nearer week."""
    found: dict[int, tuple[Decimal, Decimal]] = {}
    low = high = Decimal(0)
    for ahead in range(1, weeks + 1):
        ordered = sorted(error for _, each, error in errors if each == ahead)
        if ordered:
            low, high = min(low, _quantile(ordered, LOW)), max(high, _quantile(ordered, HIGH))
        found[ahead] = (low, high)
    return found


def _tried(errors: Mapping[str, Errors], half: int, weeks: int) -> tuple[int, int]:
    """Method and interval as the earlier half would have given them, tried on the later half."""
    # Only what had happened by then: a forecast made before it, of a week after it, was not yet right or wrong.
    early = {name: [each for each in found if each[0] + each[1] < half] for name, found in errors.items()}
    if not all(early.values()):
        return 0, 0
    name = _best(early)
    bounds = _bounds(early[name], weeks)
    later = [(ahead, error) for origin, ahead, error in errors[name] if origin >= half]
    return sum(bounds[ahead][0] <= error <= bounds[ahead][1] for ahead, error in later), len(later)


def _quantile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _within(value: Decimal, floor: Decimal | None, ceiling: Decimal | None) -> Decimal:
    raised = value if floor is None else max(value, floor)
    return raised if ceiling is None else min(raised, ceiling)
