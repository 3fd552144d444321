"""The sandbox's Prometheus, asked over HTTP as a client would."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import CounterReset, GaugeSample, HistogramObservation, World

NOW = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
DAY = datetime(2026, 11, 20, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
BOUNDS = (100.0, 250.5, 1000.0)


def waited(at: datetime, value: float, instance: str = "w1") -> HistogramObservation:
    return HistogramObservation("retry_age_ms", (("instance", instance), ("queue", "sync")), at, value)


def world() -> World:
    built = World("acme", 1, date(2026, 11, 20), "UTC", "EUR", DAY, NOW + timedelta(days=1))
    for number in range(80):
        at = DAY + number * QUARTER
        built.gauges.append(GaugeSample("queue_backlog", (("queue", "sync"),), at, float(number)))
        if not 8 <= number < 12:
            built.gauges.append(GaugeSample("queue_backlog", (("queue", "webhooks"),), at, number + 0.5))
    built.gauges.append(GaugeSample("cpu", (), DAY, 1.25))
    built.histogram_bounds = BOUNDS
    built.histogram = [
        waited(DAY + timedelta(minutes=10), 100),
        waited(DAY + timedelta(minutes=50), 250.5),
        waited(DAY + timedelta(hours=1), 5000),  # at the stroke of the hour: belongs to the next one
        waited(DAY + timedelta(hours=1, minutes=20), 90),
        waited(DAY + timedelta(hours=1, minutes=40), 80),
        waited(DAY + timedelta(hours=2, minutes=5), 999.5),
        waited(DAY + timedelta(hours=1, minutes=1), 70, "w2"),
        waited(NOW + timedelta(minutes=1), 1),
    ]
    built.counter_resets = [
        CounterReset("retry_age_ms", "w1", DAY + timedelta(hours=1, minutes=30)),
        CounterReset("another", "w2", DAY + timedelta(hours=2)),
    ]
    return built


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("prometheus",), build=lambda *_: world()) as served:
        yield served


@pytest.fixture
def get(sandbox: Sandbox) -> Any:
    variables = sandbox.environment("acme")
    key = {"Authorization": f"Bearer {variables['ACME_PROMETHEUS_API_KEY']}"}

    def ask(path: str, status: int = 200, /, **query: Any) -> Any:
        url = variables["ACME_PROMETHEUS_BASE_URL"] + path
        answer = requests.get(url, params=query, headers=key, timeout=10)
        assert answer.status_code == status, answer.text[:300]
        return answer.json()

    return ask


def ranged(get: Any, query: str, start: datetime, end: datetime, step: Any) -> dict[str, list[list[Any]]]:
    body = get("/api/v1/query_range", query=query, start=start.timestamp(), end=end.timestamp(), step=step)
    assert (body["status"], body["data"]["resultType"]) == ("success", "matrix")
    return {
        "/".join(value for name, value in sorted(row["metric"].items()) if name != "__name__"): row["values"]
        for row in body["data"]["result"]
    }


def test_a_grid_at_the_scrape_times_sees_each_sample_once_and_a_missed_scrape_as_a_hole(get: Any) -> None:
    found = ranged(get, "queue_backlog", DAY, NOW + timedelta(hours=2), "15m")
    stamps = [int((DAY + n * QUARTER).timestamp()) for n in range(50)]
    assert found["sync"] == [[at, str(n)] for n, at in enumerate(stamps)], "not a sample after now"
    assert found["webhooks"] == [[at, f"{n}.5"] for n, at in enumerate(stamps) if not 8 <= n < 12]


def test_a_value_holds_for_one_scrape_interval(get: Any) -> None:
    late = ranged(get, "cpu", DAY, DAY + timedelta(hours=1), "899.999")
    assert late[""] == [[DAY.timestamp(), "1.25"], [DAY.timestamp() + 899.999, "1.25"]]
    assert ranged(get, "cpu", DAY - timedelta(hours=1), DAY - timedelta(minutes=1), 60) == {}


def test_histogram_is_cumulative_counters_of_what_was_before_the_scrape(get: Any) -> None:
    found = ranged(get, 'retry_age_ms_bucket{instance="w1"}', DAY, DAY + timedelta(hours=3), "1h")
    values = {series: [value for _, value in points] for series, points in found.items()}
    assert values == {
        "w1/100/sync": ["0", "1", "1", "1"],  # restarted at half past one: the 90 of 01:20 is lost, the 80 is not
        "w1/250.5/sync": ["0", "2", "1", "1"],
        "w1/1000/sync": ["0", "2", "1", "2"],
        "w1/+Inf/sync": ["0", "2", "1", "2"],
    }
    sums = ranged(get, "retry_age_ms_sum", DAY, DAY + timedelta(hours=3), "1h")
    assert [value for _, value in sums["w1/sync"]] == ["0", "350.5", "80", "1079.5"]
    counts = ranged(get, "retry_age_ms_count", DAY, DAY + timedelta(hours=3), "1h")
    assert [value for _, value in counts["w2/sync"]] == ["0", "0", "1", "1"], "the other worker was not restarted"


def test_counters_show_the_last_scrape_and_end_with_now(sandbox: Sandbox, get: Any) -> None:
    found = ranged(get, 'retry_age_ms_count{instance="w1"}', NOW, NOW + timedelta(minutes=30), "1m")["w1/sync"]
    assert [at - NOW.timestamp() for at, _ in found] == [60 * n for n in range(10)], (
        "the scrape of 12:15 lasts to 12:30"
    )
    try:
        sandbox.set_now(NOW + timedelta(minutes=10))
        later = get("/api/v1/query", query='retry_age_ms_bucket{instance="w1",le="100"}')["data"]
    finally:
        sandbox.set_now(None)
    assert later["resultType"] == "vector"
    assert later["result"][0]["value"][1] == "2"


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("queue_backlog", ["sync", "webhooks"]),
        ('queue_backlog{queue="sync"}', ["sync"]),
        ('queue_backlog{queue!="sync",}', ["webhooks"]),
        ('queue_backlog{queue=~"sy.*|none"}', ["sync"]),
        ('queue_backlog{queue=~"syn"}', []),
        ("queue_backlog{ queue !~ 'w.+' }", ["sync"]),
        ('{__name__=~"queue_.*", queue="sync"}', ["sync"]),
        ('queue_backlog{instance=""}', ["sync", "webhooks"]),
        ("unknown", []),
    ],
)
def test_selectors(get: Any, query: str, series: list[str]) -> None:
    assert sorted(ranged(get, query, DAY, DAY, 60)) == series


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"query": "rate(queue_backlog[5m])"}, "parse error"),
        ({"query": 'queue_backlog{queue="sync"'}, "parse error"),
        ({"query": 'queue_backlog{queue="sync" instance="a"}'}, "parse error"),
        ({"query": 'queue_backlog{queue=~"("}'}, "regexp"),
        ({"query": ""}, "at least one non-empty matcher"),
        ({"query": '{queue=~".*"}'}, "at least one non-empty matcher"),
        ({"start": "soon"}, 'invalid parameter "start"'),
        ({"step": "0"}, "zero or negative"),
        ({"step": "1 hour"}, 'invalid parameter "step"'),
        ({"end": "2026-11-19T00:00:00Z"}, "must not be before start"),
        ({"step": "7s"}, "exceeded maximum resolution of 11,000 points per timeseries"),
    ],
)
def test_bad_data(get: Any, changes: dict[str, str], words: str) -> None:
    good = {"query": "queue_backlog", "start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z", "step": "8s"}
    assert get("/api/v1/query_range", **good)["status"] == "success"
    body = get("/api/v1/query_range", 400, **{**good, **changes})
    assert (body["status"], body["errorType"]) == ("error", "bad_data")
    assert words in body["error"]


def test_a_form_and_rfc3339_do_as_well(sandbox: Sandbox, get: Any) -> None:
    form = {"query": "cpu", "start": "2026-11-20T01:00:00+01:00", "end": "2026-11-20T00:10:00.500Z", "step": "1m30s"}
    answer = requests.post(sandbox.url + "/acme/prometheus/api/v1/query_range", data=form, timeout=5)
    assert answer.json() == get("/api/v1/query_range", query="cpu", start=DAY.timestamp(), end="1795133400.5", step=90)
    assert len(answer.json()["data"]["result"][0]["values"]) == 7


def test_labels_and_readiness(sandbox: Sandbox, get: Any) -> None:
    assert get("/api/v1/labels")["data"] == ["__name__", "instance", "le", "queue"]
    assert get("/api/v1/label/instance/values")["data"] == ["w1", "w2"]
    assert requests.get(sandbox.url + "/acme/prometheus/-/ready", timeout=5).status_code == 200


def test_a_wrong_key_is_refused(sandbox: Sandbox) -> None:
    url = sandbox.url + "/acme/prometheus/api/v1/labels"
    assert requests.get(url, headers={"Authorization": "Bearer x"}, timeout=5).status_code == 401


def test_eleven_thousand_points_of_many_series_are_quick() -> None:
    big = world()
    big.starts_at, big.histogram_bounds = DAY - timedelta(days=120), tuple(float(100 * n) for n in range(1, 24))
    big.histogram = [waited(DAY - timedelta(minutes=3 * n), 37 * n % 2500) for n in range(50_000)]
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("prometheus",), build=lambda *_: big) as served:
        start = (DAY - timedelta(minutes=15 * 11_000)).timestamp()
        query = {"query": "retry_age_ms_bucket", "start": start, "end": DAY.timestamp(), "step": "15m"}
        url, took = served.url + "/acme/prometheus/api/v1/query_range", []
        for _ in range(3):
            begun = time.process_time()  # of this process, server and client: other load does not count
            answer = requests.get(url, params=query, timeout=10)
            took.append(time.process_time() - begun)
    rows = answer.json()["data"]["result"]
    assert (len(rows), len(rows[0]["values"])) == (24, 11_001)
    assert min(took) < 0.6


def test_faults_have_prometheus_shape(sandbox: Sandbox, get: Any) -> None:
    faults = sandbox.url + "/__sandbox__/faults"
    try:
        requests.post(faults, json={"vendor": "prometheus", "kind": "server_error", "times": 1}, timeout=5)
        assert get("/api/v1/query", 503, query="cpu")["errorType"] == "timeout"
        requests.post(faults, json={"vendor": "prometheus", "kind": "ok_with_error", "times": 1}, timeout=5)
        assert get("/api/v1/query", query="cpu")["status"] == "error"
    finally:
        requests.delete(faults, timeout=5)
