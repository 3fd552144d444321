"""Dashboards while their owners are active: 30 days from each day of use, as long as the dashboard exists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from kpi_pipeline.facts.local_time import day_number
from kpi_pipeline_tests.facts.records import Records, utc

Read = Callable[..., list[dict[str, Any]]]


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def used(records: Records, who: str, *days: str, what: str = "teach") -> None:
    for at in days:
        records.add(
            "sql.product_events", event_id=f"{who}{at}{what}", user_id=who, event=what, occurred_at=utc(f"{at} 10:00")
        )


def made(records: Records, name: str, who: str, at: str, gone: str | None = None) -> None:
    ended = None if gone is None else utc(f"{gone} 10:00")
    records.add("sql.dashboards", dashboard_id=name, user_id=who, created_at=utc(f"{at} 10:00"), deleted_at=ended)


def test_each_stretch_of_use_gives_a_span_cut_to_the_life_of_the_dashboard(records: Records, rows_of: Read) -> None:
    """Used on 1 and 31 March without a gap (the 31st is the first day that the 1st does not cover), again in June."""
    records.add("sql.users", user_id="ann", account_id="acme", role="teacher")
    used(records, "ann", "2026-03-01", "2026-03-31", "2026-06-01")
    made(records, "d1", "ann", "2026-01-05")
    made(records, "d2", "ann", "2026-03-10", "2026-06-10")
    found = [(r["dashboard_id"], r["from_day"], r["until_day"]) for r in rows_of("active_dashboard")]
    assert sorted(found) == [
        ("d1", number("2026-03-01"), number("2026-04-30")),
        ("d1", number("2026-06-01"), number("2026-07-01")),
        ("d2", number("2026-03-10"), number("2026-04-30")),
        ("d2", number("2026-06-01"), number("2026-06-10")),
    ]


def test_a_gap_of_a_day_parts_two_stretches(records: Records, rows_of: Read) -> None:
    records.add("sql.users", user_id="ann", account_id="acme", role="teacher")
    used(records, "ann", "2026-03-01", "2026-04-01")
    made(records, "d1", "ann", "2026-01-05")
    found = [(r["from_day"], r["until_day"]) for r in rows_of("active_dashboard")]
    assert sorted(found) == [
        (number("2026-03-01"), number("2026-03-31")),
        (number("2026-04-01"), number("2026-05-01")),
    ]


def test_events_that_make_nobody_active_and_dashboards_thrown_away_before_give_none(
    records: Records, rows_of: Read
) -> None:
    for who in ("ann", "bob"):
        records.add("sql.users", user_id=who, account_id="acme", role="teacher")
    used(records, "ann", "2026-03-01", what="login")
    used(records, "bob", "2026-03-01")
    made(records, "d1", "ann", "2026-01-05")
    made(records, "d2", "bob", "2026-01-05", "2026-03-01")
    assert rows_of("active_dashboard") == []
