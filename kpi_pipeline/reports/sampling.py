"""Which days of a KPI make points that share no data: what is only noise cannot be told from values that overlap."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, timedelta

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.reports.reading import month_ends, quarter_ends, week_ends

ROLLING = re.compile(r"rolling (\d+) (days?|seconds?)(?: ending (\d+) days? ago)?")
COMPLETE = re.compile(r"last (\d+) complete months?")
DAY_SECONDS = 86_400
MOST, MONTHS, QUARTERS = 52, 36, 12


def sample_days(kpi: Kpi, until: date) -> list[date]:
    """The days, in order, whose values are to be compared as points of one process, the newest of them at most `until`.

    A rolling window steps by its own length, a calendar window by its period, of which
    those count that history calls closed. What is
    measured at a day's end steps by the KPI's cadence, a week at least: a value a day repeats the day before.
    """
    if match := ROLLING.match(kpi.window):
        length = int(match[1]) if match[2].startswith("day") else -(-int(match[1]) // DAY_SECONDS)
        return _steps(until, max(7, length))
    if match := COMPLETE.match(kpi.window):
        step = int(match[1])
        return month_ends(until, MONTHS)[::-1][::step][::-1]
    unit = kpi.window.removeprefix("calendar ") if kpi.window.startswith("calendar ") else ""
    if unit in ("week", "fortnight"):
        return week_ends(until, MOST)
    if unit == "month" or (not unit and kpi.cadence == "monthly"):
        return month_ends(until, MONTHS)
    if unit in ("quarter", "year") or (not unit and kpi.cadence in ("quarterly", "yearly")):
        found = quarter_ends(until, QUARTERS)
        return [day for day in found if day.month == 12] if unit == "year" else found
    return _steps(until, 7)


def first_whole(kpi: Kpi, days: Container[date], first: date) -> date:
    """The first day whose rolling window does not reach back before `first`, when history begins.

    Of other windows history says whether they are closed; of one that was not kept by the day it cannot be said.
    """
    match = ROLLING.match(kpi.window)
    if match is None or first + timedelta(days=1) not in days:
        return first
    length = int(match[1]) if match[2].startswith("day") else -(-int(match[1]) // DAY_SECONDS)
    return first + timedelta(days=length - 1 + int(match[3] or 0))


def _steps(until: date, step: int) -> list[date]:
    count = min(MOST, 3 * 365 // step)
    return [until - timedelta(days=step * back) for back in range(count - 1, -1, -1)]
