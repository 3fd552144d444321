from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpi_pipeline_tests.facts.builders import counter, incident, monitor
from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[..., list[dict[str, Any]]]


def spans(rows: list[dict[str, Any]], state: str) -> list[tuple[int, int | None]]:
    return [(row["start_at"], row["end_at"]) for row in rows if row["state"] == state]


def test_down_is_every_incident_that_counts(records: Records, rows_of: Read) -> None:
    monitor(records, "2026-06-01 00:00")
    incident(records, "a", "2026-05-10 10:00", "2026-05-10 10:05")
    incident(records, "b", "2026-05-20 10:00", None)
    incident(records, "false alarm", "2026-05-11 10:00", "2026-05-11 12:00", counts=False)
    assert spans(rows_of("monitor_interval"), "down") == [
        (ms("2026-05-10 10:00"), ms("2026-05-10 10:05")),
        (ms("2026-05-20 10:00"), None),
    ]


def test_maintenance_and_the_time_before_the_monitor_existed(records: Records, rows_of: Read) -> None:
    monitor(records, "2026-06-01 00:00", name="Site")
    monitor(records, "2026-06-02 00:00", name="Website")
    records.add(
        "uptimerobot.maintenance_windows",
        id=1,
        monitor_id=7,
        starts_at=utc("2026-05-12 02:00"),
        ends_at=utc("2026-05-12 03:00"),
        interval="once",
    )
    rows = rows_of("monitor_interval")
    assert spans(rows, "maintenance") == [(ms("2026-05-12 02:00"), ms("2026-05-12 03:00"))]
    assert spans(rows, "unchecked") == [(0, ms("2026-05-01 10:00"))]
    assert {(row["monitor_id"], row["monitor"]) for row in rows} == {("7", "Website")}


def test_a_pause_lasts_from_the_reading_that_saw_it_to_the_one_that_saw_its_end(
    records: Records, rows_of: Read
) -> None:
    monitor(records, "2026-06-01 00:00")
    monitor(records, "2026-06-02 00:00", "PAUSED")
    monitor(records, "2026-06-03 00:00", "UP")
    monitor(records, "2026-06-05 00:00", "PAUSED")
    assert spans(rows_of("monitor_interval"), "paused") == [
        (ms("2026-06-02 00:00"), ms("2026-06-03 00:00")),
        (ms("2026-06-05 00:00"), None),
    ]


def test_a_pause_that_began_before_it_was_first_seen_counts_from_its_beginning(records: Records, rows_of: Read) -> None:
    monitor(records, "2026-06-02 00:00", "PAUSED", paused_at=utc("2026-05-20 08:30"))
    monitor(records, "2026-06-03 00:00", "UP")
    assert spans(rows_of("monitor_interval"), "paused") == [(ms("2026-05-20 08:30"), ms("2026-06-03 00:00"))]


def test_a_deleted_monitor_keeps_its_past_and_is_not_watched_any_more(records: Records, rows_of: Read) -> None:
    monitor(records, "2026-06-01 00:00")
    incident(records, "a", "2026-05-10 10:00", "2026-05-10 10:05")
    monitor(records, "2026-06-03 00:00", deleted=True)
    rows = rows_of("monitor_interval")
    assert spans(rows, "down") == [(ms("2026-05-10 10:00"), ms("2026-05-10 10:05"))]
    assert spans(rows, "unchecked") == [(0, ms("2026-05-01 10:00")), (ms("2026-06-03 00:00"), None)]


def test_a_gauge_without_a_number_is_no_reading(records: Records, rows_of: Read) -> None:
    for at, value in (("2026-05-01 10:00", 12.5), ("2026-05-01 10:15", None)):
        records.add("prometheus.metric_samples", metric="queue_backlog", series="q", sampled_at=utc(at), value=value)
    assert rows_of("metric_sample") == [
        {"metric": "queue_backlog", "series": "q", "sampled_at": ms("2026-05-01 10:00"), "value": 12.5}
    ]


def test_an_hour_counts_what_the_counter_rose_and_a_fall_is_a_restart(records: Records, rows_of: Read) -> None:
    for hour, count in enumerate((100, 130, 130, 7, 9)):
        counter(records, f"2026-05-01 {10 + hour}:00", count)
        counter(records, f"2026-05-01 {10 + hour}:00", 2 * count, series='instance="b"')
    rows = rows_of("histogram_increase")
    assert [row["increase"] for row in rows if row["series"] == 'instance="a"'] == [30, 0, 7, 2]
    assert [row["increase"] for row in rows if row["series"] == 'instance="b"'] == [60, 0, 14, 4]
    assert {row["hour_end_at"] - row["hour_start_at"] for row in rows} == {3_600_000}


def test_an_hour_with_a_missed_reading_and_readings_between_hours_give_nothing(records: Records, rows_of: Read) -> None:
    counter(records, "2026-05-01 10:00", 1)
    counter(records, "2026-05-01 10:30", 4)
    counter(records, "2026-05-01 11:00", 5)
    counter(records, "2026-05-01 13:00", 50)
    counter(records, "2026-05-01 14:00", 51)
    assert [(row["hour_start_at"], row["increase"]) for row in rows_of("histogram_increase")] == [
        (ms("2026-05-01 10:00"), 4),
        (ms("2026-05-01 13:00"), 1),
    ]
