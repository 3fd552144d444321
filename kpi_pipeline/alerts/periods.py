"""Calendar periods of business days: ISO weeks, two and four of them, months, quarters, years. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
FORTNIGHTS = date(2024, 1, 8)  # several weeks are counted from here, as the windows of KPIs are
WEEKS = {"day": 1, "week": 7, "fortnight": 14, "4 weeks": 28}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def start(day: date, every: str) -> date:
    """The first day of the period that a day is in."""
    if every in WEEKS:
        return day - (day - FORTNIGHTS) % timedelta(days=WEEKS[every])
    months = MONTHS[every]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


@lru_cache(maxsize=8192)
def end(day: date, every: str) -> date:
    """The last day of the period that a day is in."""
    first = start(day, every)
    if every in WEEKS:
        return first + timedelta(days=WEEKS[every] - 1)
    beyond = first.month - 1 + MONTHS[every]
    return date(first.year + beyond // 12, beyond % 12 + 1, 1) - ONE_DAY


def ends_period(day: date, every: str) -> bool:
    return end(day, every) == day


def next_end(day: date, every: str) -> date:
    """The last day of the period after the one that a day is in."""
    return end(end(day, every) + ONE_DAY, every)


def last_end(before: date, every: str) -> date:
    """The last day of the newest period that is over before a day."""
    return start(before, every) - ONE_DAY
