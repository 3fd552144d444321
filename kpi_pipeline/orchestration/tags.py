"""Tags of a run: whose it is, which months it computes, and where its loads start.

Without Dagster, which takes a second to import, for who only says what is to be run.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.catalogue import Company

COMPANY_TAG = "kpi/company"
MODE_TAG = "kpi/mode"  # "incremental": live loads start at the watermark; absent: the months are read whole
# Dagster's own names.
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
LATE_DATA = timedelta(days=35)


def months_tags(company: str, first: str, last: str) -> dict[str, str]:
    """Tags of a run of a company that reads and computes whole months, such as 2025-10 to 2026-11."""
    return {RANGE_START: first, RANGE_END: last, COMPANY_TAG: company}


def live_tags(company: Company, now: datetime) -> dict[str, str]:
    """Tags of a live run: which months, and that loads start at their watermarks."""
    first, last = months_with_late_data(now, company.tz)
    return {**months_tags(company.id, first, last), MODE_TAG: "incremental"}


def months_with_late_data(now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """First and last month that a scheduled run computes: as far back as records may still arrive late."""
    return month_of((now - LATE_DATA).astimezone(zone).date()), month_of(now.astimezone(zone).date())


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"
