"""Months and instants in a company's zone."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.metrics.spine import midnight_ms
from kpi_pipeline.metrics.windows import add_months

DAY_MS = 86_400_000


def end_of(day: date, zone: str) -> int:
    """The first instant (ms) after a local day."""
    return midnight_ms(day + timedelta(days=1), ZoneInfo(zone))


def start_of(day: date, zone: str) -> int:
    """The first instant (ms) of a local day."""
    return midnight_ms(day, ZoneInfo(zone))


def months_until(day: date, count: int) -> list[date]:
    """The first days of the month that holds `day` and of those before it, `count` in all, in order."""
    first = day.replace(day=1)
    return [add_months(first, -back) for back in range(count - 1, -1, -1)]


def month_ends(day: date, count: int) -> list[date]:
    """The last days of so many whole months, the last of them at most `day`, in order."""
    after = add_months(day.replace(day=1), 1)
    last = after if day + timedelta(days=1) == after else day.replace(day=1)
    return [add_months(last, -back) - timedelta(days=1) for back in range(count - 1, -1, -1)]


def month_starts(first: date, last: date, zone: str) -> list[tuple[date, int]]:
    """(first day, first instant) of every month from that of `first` to the one after that of `last`."""
    found, month = [], first.replace(day=1)
    while month <= add_months(last.replace(day=1), 1):
        found.append((month, start_of(month, zone)))
        month = add_months(month, 1)
    return found


def name(month: date) -> str:
    return f"{month:%Y-%m}"


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_start(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
