"""By how much counters rose in an hour, with restarts and missed readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[[str], list[Mapping[str, Any]]]


def read(records: Records, at: str, count: float, series: str = 'instance="a"') -> None:
    records.add(
        "prometheus.counter_samples", metric="requests", series=series, sampled_at=utc(f"2026-05-01 {at}"), count=count
    )


def rises(rows: list[Mapping[str, Any]], series: str = 'instance="a"') -> dict[int, int]:
    return {row["hour_start_at"]: row["increase_e3"] for row in rows if row["series"] == series}


def test_an_hour_is_what_was_counted_between_its_start_and_its_end(records: Records, rows_of: Read) -> None:
    for at, count in (("10:00", 100), ("10:30", 130), ("11:00", 131.25), ("11:30", 131.25), ("12:00", 131.25)):
        read(records, at, count)
        read(records, at, 2 * count, 'instance="b"')
    rows = rows_of("counter_increase")
    assert rises(rows) == {ms("2026-05-01 10:00"): 31_250, ms("2026-05-01 11:00"): 0}
    assert rises(rows, 'instance="b"') == {ms("2026-05-01 10:00"): 62_500, ms("2026-05-01 11:00"): 0}
    assert {row["hour_end_at"] - row["hour_start_at"] for row in rows} == {3_600_000}


def test_a_restart_within_the_hour_loses_only_what_was_not_read(records: Records, rows_of: Read) -> None:
    for at, count in (("10:00", 100), ("10:15", 140), ("10:30", 7), ("10:45", 9), ("11:00", 10)):
        read(records, at, count)
    assert rises(rows_of("counter_increase")) == {ms("2026-05-01 10:00"): 50_000}


def test_an_hour_without_a_reading_at_both_ends_has_no_row(records: Records, rows_of: Read) -> None:
    for at, count in (("09:30", 1), ("10:00", 2), ("10:45", 5), ("11:15", 9), ("12:00", 20), ("13:00", 24)):
        read(records, at, count)
    assert rises(rows_of("counter_increase")) == {ms("2026-05-01 12:00"): 4_000}


def test_the_first_reading_of_a_series_is_not_counted(records: Records, rows_of: Read) -> None:
    read(records, "10:00", 5)
    read(records, "11:00", 8, 'instance="b"')
    read(records, "12:00", 9, 'instance="b"')
    assert [row["increase_e3"] for row in rows_of("counter_increase")] == [1_000]
