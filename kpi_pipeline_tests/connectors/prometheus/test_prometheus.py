"""Prometheus over the wire: one grid whatever the window, no point twice, and no value that is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.prometheus import NoSeries, Prometheus, classify
from kpi_pipeline.connectors.prometheus.queries import Query, queries
from kpi_pipeline.connectors.prometheus.samples import series
from kpi_pipeline.errors import ContractError, IncompleteLoad, SettingsError, SourceRefused, SourceUnavailable
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.world.model import CounterReset, GaugeSample, HistogramObservation, World
from kpi_pipeline_tests.connectors.scripted import Answer, client, vendor
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

QUARTER, HOUR = 900_000, 3_600_000
BACKLOG = {"name": "queue_backlog", "query": "queue_backlog", "kind": "gauge", "step": "15 minutes"}
AGES = {"name": "retry_age_ms", "query": "retry_age_ms_bucket", "kind": "histogram", "step": "1 hour"}
SETTINGS = {"queries": [BACKLOG, AGES]}
START, END = utc("2026-11-01 00:00"), utc("2026-11-02 00:00")
GAUGE, BUCKETS = Query("m", "m", "gauge", 1000), Query("m", "m", "histogram", 1000)
SYNC = (("instance", "w1"), ("queue", "sync"))


def jobs(at: datetime, value: float, queue: str = "sync") -> GaugeSample:
    return GaugeSample("queue_backlog", (("instance", "w1"), ("queue", queue)), at, value)


def small() -> World:
    quarters = [START + timedelta(minutes=15 * n) for n in range(4 * 24 * 2)]
    waits = [HistogramObservation("retry_age_ms", SYNC, START + timedelta(minutes=7 * n), 40.0 * n) for n in range(400)]
    restart = CounterReset("retry_age_ms", "w1", utc("2026-11-01 12:30"))
    made = world(gauges=[jobs(at, n) for n, at in enumerate(quarters)], histogram=waits, counter_resets=[restart])
    made.histogram_bounds = (500.0, 5000.0)
    return made


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("prometheus", small(), tmp_path, SETTINGS) as open_wire:
        yield open_wire


def test_a_gauge_comes_with_its_name_series_instant_and_value(wire: Wire) -> None:
    first, *_, last = wire.rows("metric_samples", START, END)
    assert first["@metric"] == "queue_backlog"
    assert first["^"]["series"] == 'instance="w1",queue="sync"'
    assert (first["[0]"], first["[1]"]) == (START.timestamp() * 1000, 0.0)
    assert (last["[0]"], last["[1]"]) == (END.timestamp() * 1000 - QUARTER, 95.0)


def test_the_grid_does_not_depend_on_the_window(wire: Wire) -> None:
    odd = wire.rows("metric_samples", START + timedelta(minutes=4, seconds=3), END - timedelta(seconds=1))
    assert [row["[0]"] for row in odd] == [row["[0]"] for row in wire.rows("metric_samples", START, END)][1:]


@pytest.mark.parametrize("cut", [utc("2026-11-01 06:00"), utc("2026-11-01 06:07"), utc("2026-11-01 06:14:59.999")])
def test_a_point_on_a_boundary_is_in_one_window_only(wire: Wire, cut: datetime) -> None:
    whole = [row["[0]"] for row in wire.rows("metric_samples", START, END)]
    parts = wire.rows("metric_samples", START, cut) + wire.rows("metric_samples", cut, END)
    assert [row["[0]"] for row in parts] == whole


def test_a_long_window_is_asked_in_pieces_of_11000_points(wire: Wire) -> None:
    start = NOW - timedelta(days=300)
    rows(wire.read("metric_samples", start, NOW))
    asked = [
        {name: int(value[0]) for name, value in parse_qs(r["query"]).items() if name != "query"} for r in wire.requests
    ]
    points = [(span["end"] - span["start"]) // span["step"] + 1 for span in asked]
    assert points == [11_000, 11_000, 300 * 96 - 22_000]
    assert [b["start"] - a["end"] for a, b in pairwise(asked)] == [900, 900]
    assert {entry["status"] for entry in wire.requests} == {200}


def test_instants_that_have_not_come_are_not_asked(wire: Wire) -> None:
    reading = wire.read("metric_samples", START, NOW + timedelta(days=8))
    rows(reading)
    assert reading.proof.watermark == NOW
    assert int(parse_qs(wire.requests[-1]["query"])["end"][0]) < NOW.timestamp()


def test_a_window_between_two_points_of_the_grid_asks_nothing(wire: Wire) -> None:
    assert wire.rows("histogram_samples", utc("2026-11-01 10:05"), utc("2026-11-01 10:55")) == []
    assert wire.requests == []


def test_histogram_counters_come_per_bucket_and_show_their_restart(wire: Wire) -> None:
    found = wire.rows("histogram_samples", START, END)
    assert {row["^"]["le"] for row in found} == {500.0, 5000.0, 1e308}
    counts = {row["[0]"]: row["[1]"] for row in found if row["^"]["le"] == 1e308}
    noon, after = (utc(text).timestamp() * 1000 for text in ("2026-11-01 12:00", "2026-11-01 13:00"))
    assert len(counts) == 24
    assert (counts[noon], counts[after]) == (103.0, 4.0)


def test_no_series_at_all_is_an_error_of_its_own(tmp_path: Path) -> None:
    settings = {"queries": [{**BACKLOG, "query": "queue_backlogg"}]}
    with wired("prometheus", small(), tmp_path, settings) as open_wire, pytest.raises(NoSeries, match="queue_backlogg"):
        open_wire.rows("metric_samples", START, END)


def test_nan_is_a_reading_without_a_number_and_infinity_is_refused() -> None:
    items = [{"metric": {"queue": "sync"}, "values": [[1, "NaN"], [2, "7.5"]]}]
    assert series(items, GAUGE, 1000, 2000) == [{"series": 'queue="sync"', "samples": [(1000, None), (2000, 7.5)]}]
    with pytest.raises(ContractError, match=r'\{queue="sync"\} is -inf at 2000 ms'):
        series([{"metric": {"queue": "sync"}, "values": [[1, "1"], [2, "-Inf"]]}], GAUGE, 1000, 2000)


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("ok_with_error", SourceUnavailable, "HTTP 200: execution: query processing would load too many samples"),
        ("server_error", SourceUnavailable, "HTTP 503: timeout"),
        ("expired_key", SourceRefused, "MISTER_DJ_PROMETHEUS_API_KEY"),
        ("missing_field", ContractError, "has no labels"),
        ("html_error", SourceUnavailable, "HTTP 502"),
        ("reset_mid_body", SourceUnavailable, "4 times"),
    ],
)
def test_faults_end_in_the_right_error(wire: Wire, kind: str, error: type[Exception], said: str) -> None:
    wire.fault(kind)
    with pytest.raises(error, match=said):
        wire.rows("metric_samples", START, END)


def test_a_query_that_prometheus_cannot_read_is_not_asked_again(tmp_path: Path) -> None:
    settings = {"queries": [{**BACKLOG, "query": "rate(queue_backlog[5m])"}]}
    with wired("prometheus", small(), tmp_path, settings) as open_wire:
        with pytest.raises(SourceRefused, match=r"bad_data.*company\.yaml"):
            open_wire.rows("metric_samples", START, END)
        assert len(open_wire.requests) == 1


def test_a_warning_that_the_answer_is_partial_fails_the_read(tmp_path: Path) -> None:
    body = b'{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["store 3 is away"]}'
    with vendor(Answer(body=body)) as thanos:
        reader = Prometheus(client(thanos.url, tmp_path, []), SETTINGS, now=lambda: NOW)
        with pytest.raises(IncompleteLoad, match="store 3 is away"):
            rows(reader.read(reader.streams[0], Window(START, END)))
        reader.close()


def test_a_refused_query_may_not_be_retried_but_a_timeout_may() -> None:
    def verdict(status: int, kind: str) -> str:
        body = {"status": "error", "errorType": kind, "error": "…"}
        return classify(Reply(status, {}, b"", body)).outcome

    found = [verdict(400, "bad_data"), verdict(422, "execution"), verdict(503, "timeout"), verdict(500, "internal")]
    assert found == ["bug", "bug", "retry", "retry"]


@pytest.mark.parametrize(
    ("query", "items", "said"),
    [
        (GAUGE, [{"metric": {}, "values": [[1, "1"]]}, {"metric": {}, "values": [[1, "1"]]}], "came twice"),
        (GAUGE, [{"metric": {}, "values": [[1.5, "1"]]}], "has a value at 1500 ms, which was not asked for"),
        (GAUGE, [{"metric": {}, "values": [[9, "1"]]}], "has a value at 9000 ms"),
        (GAUGE, [{"metric": {}, "values": [[1, "many"]]}], r"something else than \[instant, number\]"),
        (GAUGE, [{"metric": {}, "histograms": []}], "native histogram"),
        (BUCKETS, [{"metric": {"queue": "q"}, "values": [[1, "1"]]}], "no label le"),
        (BUCKETS, [{"metric": {"le": "5"}, "values": [[1, "NaN"]]}], "is nan at 1000 ms"),
        (BUCKETS, [{"metric": {"le": le}, "values": [[1, "1"]]} for le in ("5", "5.0")], "came twice"),
    ],
)
def test_what_cannot_be_read_without_guessing_is_refused(query: Query, items: list[Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        series(items, query, 1000, 2000)


def test_requests_cover_the_grid_once_for_any_window() -> None:
    query = Query("m", "m", "histogram", HOUR)
    spans = list(query.spans(Window(utc("2025-01-01 00:30"), utc("2026-03-01 00:00"))))
    asked = [at for first, last in spans for at in range(first, last + 1, HOUR)]
    hours = int((utc("2026-03-01 00:00") - utc("2025-01-01 01:00")) / timedelta(hours=1))
    assert asked == [int(utc("2025-01-01 01:00").timestamp()) * 1000 + HOUR * n for n in range(hours)]
    assert max((last - first) // HOUR + 1 for first, last in spans) == query.points


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "there is no list `queries`"),
        ({"queries": [{"name": "a"}]}, "query 1: it has name, needed are kind, name, query, step"),
        ({"queries": [BACKLOG, {**BACKLOG, "step": "soon"}]}, "query 2: the step 'soon' is not like '15 minutes'"),
        ({"queries": [BACKLOG, BACKLOG]}, "the name queue_backlog is there twice"),
        ({"queries": [{**BACKLOG, "kind": "summary"}]}, "none of gauge, counter, histogram"),
        ({"queries": [{**BACKLOG, "step": "0 hours"}]}, "the step is not positive"),
    ],
)
def test_settings_are_refused_with_all_that_is_wrong(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        queries(settings)
