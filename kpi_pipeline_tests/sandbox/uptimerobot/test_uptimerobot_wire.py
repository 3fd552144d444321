"""The sandbox's UptimeRobot v3, asked over HTTP as a client would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import MaintenanceWindow, Monitor, MonitorIncident, World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def monitor(number: int, **changes: Any) -> Monitor:
    facts: dict[str, Any] = {
        "id": number,
        "name": f"Monitor {number}",
        "url": f"https://m{number}.example",
        "type": "HTTP",
        "interval_s": 300,
        "created_at": BORN,
        "tags": (),
    }
    return Monitor(**{**facts, **changes})


def incident(number: int, start: datetime, minutes: float | None, monitor_id: int = 1, **more: Any) -> MonitorIncident:
    end = None if minutes is None else start + timedelta(minutes=minutes)
    return MonitorIncident(str(number), monitor_id, "Downtime", 333333, "Connection Timeout", start, end, **more)


def world() -> World:
    built = World("acme", 1, date(2026, 11, 20), "Europe/Amsterdam", "EUR", BORN, NOW)
    built.monitors = [
        monitor(1, name="Website", tags=("production", "web")),
        monitor(2, name="API /health", tags=("production",)),
        monitor(3, pauses=((NOW - timedelta(hours=1), NOW + timedelta(hours=1)),)),
        monitor(4, created_at=NOW - timedelta(minutes=1)),
        monitor(5, created_at=NOW + timedelta(days=1)),
        monitor(6, deleted_at=NOW - timedelta(days=1)),
        *(monitor(100 + n) for n in range(160)),
    ]
    built.incidents = [
        *(incident(5000 + n, BORN + timedelta(days=n, microseconds=123_456), 10) for n in range(120)),
        incident(6001, NOW - timedelta(days=2), 60, include_in_reports=False),
        incident(6002, NOW - timedelta(hours=6), 36),
        incident(6003, NOW - timedelta(minutes=5), 20, monitor_id=2),
        incident(6004, NOW - timedelta(seconds=20), None, monitor_id=100),
        incident(6005, NOW + timedelta(hours=1), 5),
        incident(6006, NOW - timedelta(days=3), 5, monitor_id=6),
    ]
    built.maintenance = [
        MaintenanceWindow(1, "Deploy", (1,), NOW - timedelta(hours=12), 60),
        MaintenanceWindow(2, "Backup", (2,), NOW + timedelta(days=2), 30, "daily"),
        MaintenanceWindow(3, "Far away", (2,), NOW + timedelta(days=30), 30),
    ]
    return built


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    limits = {"uptimerobot": {"account": Limit(100_000, 60.0, rolling=False)}}
    with Sandbox(
        ("acme",), now=lambda: NOW, vendor_names=("uptimerobot",), limits=limits, build=lambda *_: world()
    ) as served:
        yield served


@pytest.fixture
def get(sandbox: Sandbox) -> Any:
    variables = sandbox.environment("acme")
    base, key = variables["ACME_UPTIMEROBOT_BASE_URL"], variables["ACME_UPTIMEROBOT_API_KEY"]

    def ask(path: str, status: int = 200, /, **query: Any) -> Any:
        url = path if path.startswith("http") else base + path
        answer = requests.get(url, params=query, headers={"Authorization": f"Bearer {key}"}, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def walk(get: Any, path: str, /, **query: Any) -> list[list[dict[str, Any]]]:
    page = get(path, **query)
    pages = [page["data"]]
    while page["nextLink"] and len(pages) < 40:
        page = get(page["nextLink"])
        pages.append(page["data"])
    return pages


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_refuses_a_call_without_a_valid_bearer_token(sandbox: Sandbox) -> None:
    answer = requests.get(sandbox.url + "/acme/uptimerobot/v3/monitors", headers={"Authorization": "x"}, timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")


def test_default_page_is_50_monitors_and_the_next_link_stays_on_this_origin(sandbox: Sandbox, get: Any) -> None:
    first = get("/monitors")
    assert len(first["data"]) == 50
    assert first["nextLink"].startswith(sandbox.url + "/acme/uptimerobot/v3/monitors?")
    assert [len(page) for page in walk(get, "/monitors")] == [50, 50, 50, 14]
    assert [len(page) for page in walk(get, "/monitors", limit=200)] == [164]
    assert get("/monitors", 400, limit=201)["statusCode"] == 400
    ids = [row["id"] for page in walk(get, "/monitors", limit=7) for row in page]
    assert len(ids) == len(set(ids)) == 164
    assert {5, 6}.isdisjoint(ids), "one is of tomorrow, the other was deleted yesterday"


def test_status_follows_incidents_and_pauses(get: Any) -> None:
    rows = {row["id"]: row for row in get("/monitors", limit=200)["data"]}
    assert {n: rows[n]["status"] for n in (1, 2, 3, 4, 100, 101)} == {
        1: "UP",
        2: "DOWN",
        3: "PAUSED",
        4: "STARTED",
        100: "LOOKS_DOWN",
        101: "UP",
    }
    assert rows[2]["currentStateDuration"] == 300
    assert rows[3]["currentStateDuration"] == 3600
    assert rows[1]["lastIncidentId"] == "6002"
    assert rows[1]["createDateTime"] == "2026-01-01T00:00:00.000Z"


def test_a_pause_ends(sandbox: Sandbox, get: Any) -> None:
    try:
        sandbox.set_now(NOW + timedelta(hours=3))
        shown = get("/monitors/3")
    finally:
        sandbox.set_now(None)
    assert (shown["status"], shown["currentStateDuration"]) == ("UP", 7200)


def test_filters_of_monitors(get: Any) -> None:
    assert [row["id"] for row in get("/monitors", status="DOWN,PAUSED")["data"]] == [2, 3]
    assert [row["id"] for row in get("/monitors", tags="web,none")["data"]] == [1]
    assert [row["id"] for row in get("/monitors", tags="production")["data"]] == [1, 2]
    assert get("/monitors", groupId=77)["data"] == []
    assert [row["id"] for row in get("/monitors", name="health")["data"]] == [2]
    filtered = walk(get, "/monitors", status="UP", limit=100)
    assert [len(page) for page in filtered] == [100, 60]


def test_one_monitor(get: Any) -> None:
    assert get("/monitors/1")["friendlyName"] == "Website"
    assert get("/monitors/6", 404)["message"] == "Monitor not found"
    assert get("/monitors/999", 404)["message"] == "Monitor not found"


def test_incidents_come_in_pages_of_50_and_in_no_order_of_time(get: Any) -> None:
    pages = walk(get, "/incidents")
    assert [len(page) for page in pages] == [50, 50, 24]
    rows = [row for page in pages for row in page]
    assert len({row["id"] for row in rows}) == 124, "an incident of the next hour is not there, nor a deleted monitor's"
    starts = [row["startedAt"] for row in rows]
    assert starts not in (sorted(starts), sorted(starts, reverse=True))


def test_incident_window_and_monitor_filter(get: Any) -> None:
    after = get("/incidents", started_after=iso(NOW - timedelta(days=3)))["data"]
    assert {row["id"] for row in after} == {"6001", "6002", "6003", "6004"}
    both = get("/incidents", started_after=iso(NOW - timedelta(days=3)), started_before=iso(NOW - timedelta(hours=6)))
    assert {row["id"] for row in both["data"]} == {"6001"}
    assert {row["id"] for row in get("/incidents", monitor_id=2)["data"]} == {"6003"}
    pages = walk(get, "/incidents", monitor_id=1, started_after="2026-01-02T12:00:00+01:00")
    assert sum(map(len, pages)) == 120
    assert get("/incidents", 400, started_after="last week")["statusCode"] == 400


def test_incident_is_ongoing_until_it_is_resolved(sandbox: Sandbox, get: Any) -> None:
    row = get("/incidents/6003")
    assert (row["status"], row["resolvedAt"], row["duration"]) == ("Ongoing", None, None)
    assert row["rootCause"]["url"] == "https://m2.example"
    try:
        sandbox.set_now(NOW + timedelta(hours=2))
        row = get("/incidents/6003")
        assert (row["status"], row["resolvedAt"], row["duration"]) == ("Resolved", "2026-11-20T12:15:00.000Z", 1200)
        assert get("/incidents/6005")["status"] == "Resolved"
    finally:
        sandbox.set_now(None)
    assert get("/incidents/6005", 404)["message"] == "Incident not found"
    assert get("/incidents", monitor_id=1, started_after=iso(NOW - timedelta(days=3)))["data"][0]["type"] == "Downtime"
    assert get("/incidents/6001")["includeInReports"] is False


def test_uptime_leaves_out_maintenance_pauses_and_what_is_not_reported(get: Any) -> None:
    day = {"from": iso(NOW - timedelta(days=1)), "to": iso(NOW)}
    shown = get("/monitors/1/stats/uptime", **day)
    assert (shown["total_downtime_seconds"], shown["incident_count"]) == (2160, 1)
    assert shown["uptime"] == pytest.approx(100 * (1 - 36 / (23 * 60)), abs=0.0006), "the hour of maintenance is out"
    week = get("/monitors/1/stats/uptime", **{"from": iso(NOW - timedelta(days=7)), "to": iso(NOW)})
    assert week["total_downtime_seconds"] == 2160, "an incident that is not in reports is no downtime"
    assert get("/monitors/3/stats/uptime", **day)["uptime"] == 100
    future = get("/monitors/2/stats/uptime", **{"from": iso(NOW - timedelta(hours=1)), "to": iso(NOW + timedelta(1))})
    assert future["total_downtime_seconds"] == 300, "only until now"
    assert get("/monitors/101/stats/uptime")["mtbf"] is None


def test_statistics_take_at_most_90_days(get: Any) -> None:
    for path in ("uptime", "response-time"):
        get(f"/monitors/1/stats/{path}", **{"from": iso(NOW - timedelta(days=90)), "to": iso(NOW)})
        get(f"/monitors/1/stats/{path}", 400, **{"from": iso(NOW - timedelta(days=90, seconds=1)), "to": iso(NOW)})


def test_response_times_are_stable(get: Any) -> None:
    query = {"from": iso(NOW - timedelta(hours=5)), "to": iso(NOW), "includeTimeSeries": "true"}
    first = get("/monitors/1/stats/response-time", **query)
    assert first == get("/monitors/1/stats/response-time", **query)
    assert first["data_points"] == len(first["time_series"]) == 5
    assert first["summary"]["min"] <= first["summary"]["avg"] <= first["summary"]["max"]


def test_overall_statistics(get: Any) -> None:
    start, end = int((NOW - timedelta(days=1)).timestamp()), int(NOW.timestamp())
    shown = get("/monitors/uptime-stats", timeFrame="CUSTOM", start=start, end=end, logLimit=2)
    assert (shown["totalIncidents"], shown["affectedMonitors"], len(shown["logs"])) == (3, 3, 2)
    assert shown["logs"][0] == {"type": "DOWNTIME", "datetime": "2026-11-20T11:59:40.000Z", "duration": None}
    assert get("/monitors/uptime-stats", 400, timeFrame="CUSTOM")["statusCode"] == 400


def test_maintenance_windows_are_entered_a_week_before(get: Any) -> None:
    windows = get("/maintenance-windows")["data"]
    assert [(w["id"], w["interval"], w["date"], w["time"], w["duration"]) for w in windows] == [
        (1, "once", "2026-11-20", "00:00:00", 60),
        (2, "daily", None, "12:00:00", 30),
    ]


def test_account(get: Any) -> None:
    account = get("/user/me")
    assert (account["monitorsCount"], account["monitorLimit"]) == (164, 100)


def test_limit_says_when_to_come_back_in_epoch_seconds() -> None:
    limits = {"uptimerobot": {"account": Limit(2, 60.0, rolling=False)}}
    with Sandbox(
        ("acme",), now=lambda: NOW, vendor_names=("uptimerobot",), limits=limits, build=lambda *_: world()
    ) as served:
        key = {"Authorization": f"Bearer {served.environment('acme')['ACME_UPTIMEROBOT_API_KEY']}"}
        url = served.url + "/acme/uptimerobot/v3/user/me"
        answers = [requests.get(url, headers=key, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    wait = int(answers[2].headers["Retry-After"])
    assert 55 <= wait <= 61
    assert abs(int(answers[2].headers["X-RateLimit-Reset"]) - NOW.timestamp() - wait) <= 1


def test_faults_have_uptimerobots_shape(sandbox: Sandbox, get: Any) -> None:
    faults = sandbox.url + "/__sandbox__/faults"
    try:
        for kind, status in [("throttle", 429), ("expired_key", 401), ("missing_scope", 403), ("server_error", 500)]:
            requests.post(faults, json={"vendor": "uptimerobot", "kind": kind, "times": 1}, timeout=5)
            assert get("/monitors", status)["statusCode"] == status
        requests.post(faults, json={"vendor": "uptimerobot", "kind": "ok_with_error", "times": 1}, timeout=5)
        assert "data" not in get("/monitors")
        requests.post(faults, json={"vendor": "uptimerobot", "kind": "foreign_next", "times": 1}, timeout=5)
        assert not get("/monitors")["nextLink"].startswith(sandbox.url)
        requests.post(faults, json={"vendor": "uptimerobot", "kind": "deleted_between", "times": 1}, timeout=5)
        get("/incidents/6003", 404)
    finally:
        requests.delete(faults, timeout=5)
