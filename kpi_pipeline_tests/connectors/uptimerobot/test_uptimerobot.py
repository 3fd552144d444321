"""UptimeRobot over the wire: every monitor, every incident once, open ones read again, maintenance placed in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.errors import ContractError, IncompleteLoad, SourceRefused, SourceUnavailable, Throttled
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident, World
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

MONITORS = 243  # the count at which a client that believes the default page reads 50
START, END = utc("2026-11-01 00:00"), utc("2026-11-08 00:00")


def monitor(number: int, **more: Any) -> Monitor:
    usual = {"type": "HTTP", "interval_s": 60, "created_at": utc("2025-01-01 00:00"), "tags": ("production", "web")}
    return Monitor(id=number, name=f"Monitor {number}", url=f"https://{number}.example", **(usual | more))


def incident(number: int, started: str, resolved: str | None, **more: Any) -> MonitorIncident:
    over = utc(resolved) if resolved else None
    return MonitorIncident(str(number), 1, "Downtime", 333333, "Timeout", utc(started), over, **more)


def many() -> World:
    incidents = [incident(n, f"2026-11-0{1 + n % 7} 10:{n % 60:02}", f"2026-11-0{1 + n % 7} 11:00") for n in range(120)]
    edges = [
        incident(900, "2026-11-01 00:00", "2026-11-01 00:05"),
        incident(901, "2026-11-08 00:00", "2026-11-08 00:05"),
        incident(902, "2026-10-31 23:59:59", "2026-11-01 00:05"),
    ]
    paused = monitor(MONITORS, pauses=((NOW - timedelta(hours=3, seconds=20), None),))
    return world(monitors=[*map(monitor, range(1, MONITORS)), paused], incidents=incidents + edges)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("uptimerobot", many(), tmp_path) as open_wire:
        yield open_wire


def test_all_monitors_are_listed_and_counted(wire: Wire) -> None:
    reading = wire.read("monitors")
    assert [row["id"] for row in rows(reading)] == list(range(1, MONITORS + 1))
    assert (reading.proof.how, reading.proof.expected) == ("total", MONITORS)


def test_a_monitor_that_appears_behind_our_back_fails_the_count(tmp_path: Path) -> None:
    records = many()
    records.monitors.append(monitor(0, created_at=NOW + timedelta(seconds=5)))
    with wired("uptimerobot", records, tmp_path) as open_wire:
        pages = iter(open_wire.read("monitors"))
        next(pages)
        open_wire.sandbox.set_now(NOW + timedelta(seconds=10))
        with pytest.raises(IncompleteLoad, match=f"{MONITORS} came, the account has {MONITORS + 1}"):
            list(pages)


def test_a_row_that_comes_on_two_pages_counts_once(wire: Wire) -> None:
    wire.fault("shifted_page", "/monitors", after=1)
    assert len({row["id"] for row in wire.rows("monitors")}) == MONITORS


def test_when_a_pause_began_is_told(wire: Wire) -> None:
    paused = wire.rows("monitors")[-1]
    assert (paused["status"], paused["pausedAt"]) == ("PAUSED", "2026-11-22T08:59:00+00:00")
    assert "pausedAt" not in wire.rows("monitors")[0]


def test_a_window_of_incidents_is_half_open(wire: Wire) -> None:
    assert {row["id"] for row in wire.rows("incidents", START, END)} == {*(str(n) for n in range(120)), "900"}


def test_adjoining_windows_hold_every_incident_once(wire: Wire) -> None:
    cut = utc("2026-11-04 10:03")  # an incident begins exactly here
    parts = [row["id"] for row in wire.rows("incidents", START, cut) + wire.rows("incidents", cut, END)]
    assert len(parts) == len(set(parts)) == 121
    assert set(parts) == {row["id"] for row in wire.rows("incidents", START, END)}


def test_the_watermark_stays_at_the_oldest_open_incident(tmp_path: Path) -> None:
    records = many()
    records.incidents += [
        incident(910, "2026-11-03 09:00", None),
        incident(911, "2026-11-05 09:00", "2026-11-25 00:00"),
    ]
    with wired("uptimerobot", records, tmp_path) as open_wire:
        reading = open_wire.read("incidents", START, NOW)
        found = {row["id"]: row["resolvedAt"] for row in rows(reading)}
        assert (found["910"], found["911"], reading.proof.watermark) == (None, None, utc("2026-11-03 09:00"))


def test_an_incident_that_was_open_is_read_again(tmp_path: Path) -> None:
    records = many()
    records.incidents.append(incident(920, "2026-11-01 09:00", "2026-11-20 10:00"))
    with wired("uptimerobot", records, tmp_path) as open_wire:
        changes = open_wire.connector.changes(open_wire.stream("incidents"), utc("2026-11-19 00:00"), NOW)
        assert changes is not None
        assert {row["id"]: row["resolvedAt"] for row in rows(changes)}["920"] == "2026-11-20T10:00:00.000Z"
        assert open_wire.connector.changes(open_wire.stream("monitors"), START, NOW) is None


def test_an_incident_that_does_not_say_whether_it_is_over_stops_the_read(wire: Wire) -> None:
    wire.fault("missing_field", "/incidents", field="resolvedAt")
    with pytest.raises(ContractError, match="does not say whether it is resolved"):
        wire.rows("incidents", START, END)


def test_an_incident_without_a_start_is_left_for_landing_to_judge(wire: Wire) -> None:
    wire.fault("missing_field", "/incidents", field="startedAt", times=1)
    assert sum("startedAt" not in row for row in wire.rows("incidents", START, END)) == 50


def test_maintenance_comes_as_one_row_per_occurrence_and_monitor(tmp_path: Path) -> None:
    windows = [
        MaintenanceWindow(1, "Once", (1, 2), utc("2026-11-10 02:00"), 90),
        MaintenanceWindow(2, "Weekly", (1,), utc("2026-11-03 03:00"), 30, interval="weekly"),
        MaintenanceWindow(3, "Later", (1,), utc("2026-11-24 03:00"), 30),
    ]
    with wired("uptimerobot", world(monitors=[monitor(1)], maintenance=windows), tmp_path) as open_wire:
        found = open_wire.rows("maintenance_windows")
    assert [(row["id"], row["monitor_id"], row["starts_at"], row["ends_at"]) for row in found] == [
        (1, 1, "2026-11-10T02:00:00+00:00", "2026-11-10T03:30:00+00:00"),
        (1, 2, "2026-11-10T02:00:00+00:00", "2026-11-10T03:30:00+00:00"),
        (2, 1, "2026-11-03T03:00:00+00:00", "2026-11-03T03:30:00+00:00"),
        (2, 1, "2026-11-10T03:00:00+00:00", "2026-11-10T03:30:00+00:00"),
        (2, 1, "2026-11-17T03:00:00+00:00", "2026-11-17T03:30:00+00:00"),
    ]


def test_maintenance_is_written_in_the_time_zone_of_the_account(tmp_path: Path) -> None:
    windows = [MaintenanceWindow(1, "Once", (1,), utc("2026-11-10 02:00"), 90)]
    records = world(monitors=[monitor(1)], maintenance=windows)
    with wired("uptimerobot", records, tmp_path, {"time_zone": "Europe/Amsterdam"}) as open_wire:
        assert [row["starts_at"] for row in open_wire.rows("maintenance_windows")] == ["2026-11-10T01:00:00+00:00"]


def test_429_is_waited_out_as_the_vendor_says(wire: Wire) -> None:
    wire.fault("throttle", "/incidents", times=1, header="seconds", wait=7)
    assert len(wire.rows("incidents", START, END)) == 121
    assert wire.slept == [7.0]


def test_a_wait_beyond_patience_names_the_time(wire: Wire) -> None:
    wire.fault("throttle", "/incidents", header="seconds", wait=900)
    with pytest.raises(Throttled, match="2026-11-22T12:15:00"):
        wire.rows("incidents", START, END)


def test_a_page_that_repeats_the_one_before_is_asked_for_again(wire: Wire) -> None:
    wire.fault("repeated_cursor", "/incidents", times=1, after=1)
    assert len({row["id"] for row in wire.rows("incidents", START, END)}) == 121
    assert len(wire.requests) == 4


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("expired_key", SourceRefused, "MISTER_DJ_UPTIMEROBOT_API_KEY"),
        ("missing_scope", SourceRefused, "HTTP 403"),
        ("ok_with_error", SourceUnavailable, 'HTTP 200 with "stat": "fail"'),
        ("server_error", SourceUnavailable, "4 times"),
        ("truncated_json", SourceUnavailable, "not JSON"),
        ("foreign_next", SourceRefused, "another address"),
    ],
)
def test_faults_end_in_the_right_error(wire: Wire, kind: str, error: type[Exception], said: str) -> None:
    wire.fault(kind, "/incidents")
    with pytest.raises(error, match=said):
        wire.rows("incidents", START, END)
