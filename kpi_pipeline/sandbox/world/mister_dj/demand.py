"""How many leads a day brings and at what hour: season, weekday and growth of an event company."""

from __future__ import annotations

from datetime import date
from random import Random

from kpi_pipeline.sandbox.world.days import month_start

SEASON = (0.86, 0.90, 0.96, 1.02, 1.10, 1.22, 1.20, 1.08, 0.98, 0.95, 1.05, 1.24)
WEEKDAY = (1.14, 1.06, 1.00, 0.95, 0.90, 0.86, 1.09)
HOURS = (1, 1, 0, 0, 0, 0, 1, 2, 5, 9, 10, 9, 8, 8, 8, 8, 8, 7, 7, 10, 12, 11, 7, 3)
LEADS_A_DAY = 19.0
YEARLY_GROWTH = 0.09
FIRST_YEAR = 2025

_HOUR_OF = tuple(hour for hour, weight in enumerate(HOURS) for _ in range(weight))


def season(day: date) -> float:
    """The month's factor, interpolated between the middles of months so that no month begins with a jump."""
    middle = date(day.year, day.month, 15)
    other = month_start(day, 1 if day > middle else -1).replace(day=15)
    share = abs((day - middle).days) / abs((other - middle).days)
    return SEASON[day.month - 1] * (1 - share) + SEASON[other.month - 1] * share


def growth(day: date) -> float:
    """Relative to 2025, by absolute date so that moving the anchor moves no record; levels off at +60 %."""
    years = day.year - FIRST_YEAR + (day.timetuple().tm_yday - 1) / 365
    return float(max(0.85, min(1.6, (1 + YEARLY_GROWTH) ** years)))


def leads_on(day: date, r: Random) -> int:
    expected = LEADS_A_DAY * season(day) * WEEKDAY[day.weekday()] * growth(day)
    return max(3, round(r.gauss(expected, 0.5 * expected**0.5)))


def time_of_day(r: Random) -> float:
    """Seconds after midnight at which a visitor fills in the form: by day and, more, on the sofa in the evening."""
    return _HOUR_OF[int(r.random() * len(_HOUR_OF))] * 3600 + r.random() * 3599
