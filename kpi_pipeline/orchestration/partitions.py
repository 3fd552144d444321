"""The one partition of everything: the calendar month, the running one included.

An asset × partition costs two events; days would make a two-year backfill spend half an hour on bookkeeping. The day
stays the grain of observations: a month's run computes all of its days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from kpi_pipeline.landing.page import Window

FIRST_MONTH = "2024-01"

months = dg.MonthlyPartitionsDefinition(start_date=FIRST_MONTH, fmt="%Y-%m", end_offset=1, timezone="Europe/Amsterdam")


def days_of(keys: Sequence[str]) -> tuple[date, date]:
    """First and last day of a run of months, such as ['2026-10', '2026-11'] → (2026-10-01, 2026-11-30)."""
    first = date.fromisoformat(f"{min(keys)}-01")
    last = date.fromisoformat(f"{max(keys)}-01")
    return first, (last + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def span_of(keys: Sequence[str], zone: ZoneInfo) -> Window:
    """The instants of a run of months: local midnight to local midnight."""
    first, last = days_of(keys)
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    return Window(start, datetime(after.year, after.month, after.day, tzinfo=zone))
