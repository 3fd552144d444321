"""Mixpanel's raw export: what a whole body is, which days are asked for, and what never reaches landing twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import orjson
import polars as pl
import pytest

from kpi_pipeline.connectors.mixpanel.export import PAGE_BYTES, broken, no_events, pages
from kpi_pipeline.errors import SettingsError, SourceRefused, Throttled
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import Events, ProductUse, ProductUser
from kpi_pipeline.schemas.mixpanel import Events as EventModel
from kpi_pipeline_tests.connectors.wire import NOW, Wire, utc, wired, world
from kpi_pipeline_tests.landing.orders import load

START = utc("2026-11-01 00:00")
SETTINGS = {"project_id": "3141592"}
MANY = {"hour": Limit(10**6, 1.0), "second": Limit(10**6, 1.0)}
HOUR = 3_600_000


def line(at: int = 1_793_500_000_000, **properties: Any) -> bytes:
    return orjson.dumps({"event": "look", "properties": {"time": at, "$insert_id": "x", **properties}}) + b"\n"


# bodies


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", None),
        (line(), None),
        (line() * 3, None),
        ((line() * 3).rstrip(), None),
        (line(text="a\u2028b\x0bc\x85d") * 2, None),  # line breaks to others, not to JSON lines
        ((line() * 3)[:-20], "the last line is cut off"),
        (line() + b"terminated early", "the export says that it was terminated early"),
        (line() + b"export terminated early\n", "the export says that it was terminated early"),
        (b"terminated early\n", "the export says that it was terminated early"),
        (line(note="the pilot was terminated early"), None),
        (line(note="x" * 300_000) * 2, None),
    ],
)
def test_a_body_is_whole_when_it_ends_with_an_event(body: bytes, said: str | None) -> None:
    assert broken(io.BytesIO(body)) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", None),
        (line() * 2, None),
        (b'{"error": "unknown error"}', "holds no events: unknown error"),
        (b"<html></html>", "holds no events"),
        (b'["look"]\n', "holds no events"),
    ],
)
def test_a_body_whose_first_line_is_no_event_is_no_export(body: bytes, said: str | None) -> None:
    found = no_events(io.BytesIO(body))
    assert found is None if said is None else said in (found or "")


def test_pages_hold_whole_lines_as_they_came_and_only_those_of_the_window() -> None:
    count = 3 * PAGE_BYTES // 2_000
    body = b"".join(line(at, note="é" * 900) for at in range(count)) + line("later") + b"{}\n"  # type: ignore[arg-type]
    found = list(pages(io.BytesIO(body), 10, count))
    assert len(found) > 2
    assert max(len(page.body) for page in found) < PAGE_BYTES + 10_000
    rows = [row for page in found for row in orjson.loads(page.body)]
    assert sum(page.count for page in found) == len(rows) == count - 10 + 2, (
        "what has no instant is for landing to judge"
    )
    assert [row["properties"]["time"] for row in rows[:-2]] == list(range(10, count))


# over the wire


def made(count: int = 2_200, device: bool = False) -> Any:
    first = round(START.timestamp() * 1000)
    at = first + np.arange(count, dtype=np.int64) * 600_000 // 2
    users = [ProductUser("ann", "acme", "admin", START), ProductUser("bot", None, "robot", START, internal=True)]
    recorded = at + np.where(np.arange(count) % 500 == 0, 40 * HOUR, 0)
    devices = np.arange(count) % 3 if device else np.empty(0, np.int64)
    user = np.arange(count) % (3 if device else 2) - (1 if device else 0)
    return world(
        product=ProductUse(
            users=users, events=Events(("look", "make"), at, user, np.arange(count) % 2, recorded, devices)
        )
    )


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("mixpanel", made(), tmp_path, SETTINGS, limits=MANY) as opened:
        yield opened


def asked(wire: Wire) -> list[tuple[str, str]]:
    queries = [parse_qs(entry["query"]) for entry in wire.requests]
    return [(query["from_date"][0], query["to_date"][0]) for query in queries]


def test_days_are_asked_for_in_months_at_most_and_never_tomorrow(wire: Wire) -> None:
    list(wire.read("events", utc("2026-08-31 22:00"), NOW))
    assert asked(wire) == [("2026-08-31", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-22")]


def test_a_window_that_ends_at_midnight_does_not_ask_for_the_day_after(wire: Wire) -> None:
    list(wire.read("events", START, utc("2026-11-03 00:00")))
    list(wire.read("events", START, START))
    assert asked(wire) == [("2026-11-01", "2026-11-02")]


def test_an_older_project_counts_days_in_its_own_zone(tmp_path: Path) -> None:
    settings = {**SETTINGS, "zone": "America/New_York"}
    with wired("mixpanel", made(), tmp_path, settings, limits=MANY) as wire:
        list(wire.read("events", utc("2026-11-02 04:00"), utc("2026-11-03 06:00")))
        assert asked(wire) == [("2026-11-01", "2026-11-03")]


def test_an_event_that_is_sent_twice_lands_once_and_a_late_one_with_the_next_read(wire: Wire, tmp_path: Path) -> None:
    landing = Landing(tmp_path / "landing")
    window = Window(START, utc("2026-11-08 15:00"))

    def land(run_id: str) -> Any:
        reading = wire.connector.read(wire.stream("events"), window)
        return load(landing, reading, model=EventModel, run_id=run_id, window=window, now=NOW)

    wire.sandbox.set_now(utc("2026-11-08 15:00"))
    first = land("run1")
    assert (first.duplicates, first.written + 1) == (2, 2196), "places 1008 and 2017 come twice, place 2000 is late"
    wire.sandbox.set_now(NOW)
    second = land("run2")
    assert (second.written, second.unchanged) == (1, first.written)


def test_visitors_have_a_device_and_no_user_and_our_own_people_are_marked(tmp_path: Path) -> None:
    with wired("mixpanel", made(device=True), tmp_path, SETTINGS, limits=MANY) as wire:
        rows = [row["properties"] for row in wire.rows("events", START, NOW)]
    visitors = [row for row in rows if "$user_id" not in row]
    assert visitors
    assert all(row["distinct_id"].startswith("$device:") and "role" not in row for row in visitors)
    assert {row.get("internal", False) for row in rows if row.get("$user_id") == "bot"} == {True}
    assert pl.Series([row["time"] for row in rows]).is_sorted()


def test_three_a_second_and_sixty_an_hour_are_kept(tmp_path: Path) -> None:
    with wired(
        "mixpanel", made(), tmp_path, SETTINGS, limits={"hour": Limit(2, 3600.0), "second": Limit(10, 1.0)}
    ) as wire:
        with pytest.raises(Throttled, match=r"429.*too many requests"):
            list(wire.read("events", utc("2026-07-01 00:00"), NOW))
        assert len(wire.requests) == 3
        with pytest.raises(Throttled, match="was not sent"):
            list(wire.read("events", START, NOW))
        assert len(wire.requests) == 3


def test_a_project_of_somebody_else_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    with (
        wired("mixpanel", made(), tmp_path, {"project_id": "42"}, limits=MANY) as wire,
        pytest.raises(SourceRefused, match="HTTP 400: project_id is missing or not a project"),
    ):
        list(wire.read("events", START, NOW))
    with (
        pytest.raises(SettingsError, match="zone 'Mars' is no time zone"),
        wired("mixpanel", made(), tmp_path, {**SETTINGS, "zone": "Mars"}),
    ):
        pass
