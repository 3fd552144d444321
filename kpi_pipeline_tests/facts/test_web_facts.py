"""The website's figures as facts: days as numbers, the newest count of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandera.errors
import pytest

from kpi_pipeline.facts.local_time import day_number
from kpi_pipeline_tests.facts.records import Records, utc

Read = Callable[..., list[dict[str, Any]]]


def traffic(records: Records, day: date, sessions: int, *, engaged: int = 0, seen: str = "2026-05-05 00:00") -> None:
    records.add(
        "ga4.web_traffic",
        observed=utc(seen),
        day=day,
        channel="Direct",
        begins_at=utc(f"{day} 00:00"),
        sessions=sessions,
        engaged_sessions=engaged,
        page_views=3 * sessions,
        users=sessions,
        thresholded=False,
    )


def users(records: Records, day: date, count: int) -> None:
    records.add("ga4.month_users", day=day, begins_at=utc(f"{day} 00:00"), users=count, thresholded=False)


def test_a_restated_day_is_what_was_counted_last(records: Records, rows_of: Read) -> None:
    traffic(records, date(2026, 5, 1), 90, engaged=40, seen="2026-05-02 00:00")
    traffic(records, date(2026, 5, 1), 100, engaged=45, seen="2026-05-04 00:00")
    (row,) = rows_of("web_day")
    assert (row["day"], row["sessions"], row["engaged_sessions"], row["page_views"]) == (
        day_number(date(2026, 5, 1)),
        100,
        45,
        300,
    )


def test_more_engaged_sessions_than_sessions_is_no_fact(records: Records, rows_of: Read) -> None:
    traffic(records, date(2026, 5, 1), 10, engaged=11)
    with pytest.raises(pandera.errors.SchemaError, match="in_order"):
        rows_of("web_day")


def test_users_of_a_month_grow_by_the_day_and_begin_anew_with_the_next(records: Records, rows_of: Read) -> None:
    for day, count in ((date(2026, 5, 30), 900), (date(2026, 5, 31), 950), (date(2026, 6, 1), 40)):
        users(records, day, count)
    assert [(row["month_day"], row["users"]) for row in rows_of("web_month")] == [
        (day_number(date(2026, 5, 30)), 900),
        (day_number(date(2026, 5, 31)), 950),
        (day_number(date(2026, 6, 1)), 40),
    ]


def test_a_month_that_loses_users_is_no_fact(records: Records, rows_of: Read) -> None:
    users(records, date(2026, 5, 1), 40)
    users(records, date(2026, 5, 2), 39)
    with pytest.raises(pandera.errors.SchemaError, match="a_month_only_gains_users"):
        rows_of("web_month")
