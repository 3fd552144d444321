"""Linear over the wire: valid queries, whole histories, errors by their codes, and limits in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from graphql import build_client_schema, get_introspection_query, parse, validate

from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.linear import Linear, connect
from kpi_pipeline.connectors.linear.protocol import classify, observe
from kpi_pipeline.connectors.linear.queries import INNER_FIELDS, NESTED, STREAM_QUERIES, rest
from kpi_pipeline.errors import SourceRefused, SourceUnavailable, Throttled
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.vendors.linear.complexity import complexity
from kpi_pipeline.sandbox.world.model import (
    Cycle,
    IssueLabel,
    IssueRecord,
    Project,
    Team,
    TrackerUser,
    WorkflowState,
    World,
)
from kpi_pipeline_tests.connectors.scripted import Answer, Scripted, vendor
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, Wire, rows, utc, wired, world

START = utc("2026-10-01 00:00")
STATES = {"todo": "unstarted", "doing": "started", "done": "completed"}


def issue(number: int, *, moves: int = 1, created: datetime = START, **more: Any) -> IssueRecord:
    names = ("todo", "doing", "done")
    states = tuple((names[n % 3], created + timedelta(hours=n)) for n in range(moves))
    usual: dict[str, Any] = {
        "id": str(UUID(int=number)),
        "number": number,
        "team_id": "team",
        "title": "Ask jan.jansen@example.nl",
        "created_at": created,
        "priorities": (("2", created), ("1", created + timedelta(minutes=30))),
        "states": states,
        "label_ids": ("bug",),
        "estimate": 3,
        "cycle_id": None,
        "project_id": None,
        "assignee_id": "user",
        "comments": (),
        "modified": (created, *(at for _, at in states[1:])),
    }
    return IssueRecord(**(usual | more))


def small(*issues: IssueRecord) -> World:
    return world(
        teams=[Team("team", "INC", "Incidents")],
        workflow_states=[WorkflowState(name, "team", name, kind, n) for n, (name, kind) in enumerate(STATES.items())],
        labels=[IssueLabel("bug", "Bug", None)],
        tracker_users=[TrackerUser("user", "Jan Jansen", "jan.jansen@example.nl")],
        cycles=[Cycle("cycle", "team", 1, START, START + timedelta(days=14))],
        projects=[Project("project", "Sync", "started", START, None, None, START)],
        issues=list(issues),
    )


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    busy = issue(1, moves=2 * NESTED + 5)  # three pages of spans
    archived = issue(2, moves=3, archived_at=START + timedelta(days=5))
    with wired("linear", small(busy, archived, *(issue(n) for n in range(3, 130))), tmp_path) as open_wire:
        yield open_wire


def test_every_query_is_valid_in_the_schema_and_far_below_the_most_it_may_cost(wire: Wire) -> None:
    environment = wire.sandbox.environment(COMPANY)
    answer = requests.post(
        environment["MISTER_DJ_LINEAR_BASE_URL"],
        json={"query": get_introspection_query()},
        headers={"Authorization": environment["MISTER_DJ_LINEAR_API_KEY"]},
        timeout=10,
    )
    schema = build_client_schema(answer.json()["data"])
    texts = [(query.text, query.size) for query in STREAM_QUERIES.values()]
    texts += [(rest(inner, fields), 100) for inner, fields in INNER_FIELDS.items()]
    for text, size in texts:
        assert validate(schema, parse(text)) == []
        assert complexity(schema, parse(text), {"first": size}) < 3_500


@pytest.mark.parametrize("stream", ["state_spans", "issue_history"])
def test_the_history_of_an_issue_is_completed_beyond_its_first_rows(wire: Wire, stream: str) -> None:
    found = [row for row in wire.rows(stream, START) if row["^"]["id"] == str(UUID(int=1))]
    assert len(found) == len({row["id"] for row in found})
    assert len(found) >= 2 * NESTED + 4
    if stream == "state_spans":
        spans = sorted(found, key=lambda row: row["startedAt"])
        assert len(spans) == 2 * NESTED + 5
        assert [span["endedAt"] for span in spans[:-1]] == [span["startedAt"] for span in spans[1:]]
        assert spans[-1]["endedAt"] is None
    else:
        assert [row["toPriority"] for row in found if row["toPriority"] is not None] == [1]


def test_archived_issues_are_there_and_texts_are_not(wire: Wire) -> None:
    pages = list(wire.read("issues", START))
    assert str(UUID(int=2)).encode() in b"".join(page.body for page in pages)
    assert not any(b"jansen" in page.body for page in pages)


def test_every_other_stream_lists_all_it_has(wire: Wire) -> None:
    names = ("workflow_states", "issue_labels", "teams", "cycles", "projects", "users")
    assert {name: len(wire.rows(name)) for name in names} == dict(zip(names, (3, 1, 1, 1, 1, 1), strict=True))


TOO_COMPLEX = Answer(400, b'{"errors":[{"message":"Query too complex","extensions":{"code":"INPUT_ERROR"}}]}')
NO_TEAMS = Answer(200, b'{"data":{"teams":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}')


@contextmanager
def scripted(folder: Path, *answers: Answer, key: str = "lin_api_0123456789") -> Iterator[tuple[Linear, Scripted]]:
    budget = Budget(folder / "budget.sqlite", {"all": Rate(10**6)})
    with vendor(*answers) as linear:
        common: Any = {"settings": {}, "budget": lambda _: budget, "now": lambda: NOW}
        reader = connect(base_url=linear.url, key=key, key_variable="K", **common)
        yield reader, linear
        reader.close()


def teams(reader: Linear) -> list[dict[str, Any]]:
    (stream,) = [stream for stream in reader.streams if stream.name == "teams"]
    return rows(reader.read(stream, Window(START, NOW)))


def test_a_query_that_is_too_complex_is_halved_until_it_is_not(tmp_path: Path) -> None:
    with scripted(tmp_path, TOO_COMPLEX, TOO_COMPLEX, NO_TEAMS) as (reader, linear):
        assert teams(reader) == []
        assert len(linear.asked) == 3


def test_one_record_that_is_too_complex_ends_the_read(tmp_path: Path) -> None:
    with scripted(tmp_path, TOO_COMPLEX) as (reader, linear):
        with pytest.raises(SourceRefused, match="one record alone is too complex"):
            teams(reader)
        assert len(linear.asked) == 7  # 100, 50, 25, 12, 6, 3, 1


@pytest.mark.parametrize(
    ("key", "header"),
    [("lin_api_0123456789", "lin_api_0123456789"), ("lin_oauth_0123456789", "Bearer lin_oauth_0123456789")],
)
def test_a_personal_key_stands_alone_and_a_token_after_bearer(tmp_path: Path, key: str, header: str) -> None:
    with scripted(tmp_path, NO_TEAMS, key=key) as (reader, linear):
        assert teams(reader) == []
        assert linear.asked[0][2]["Authorization"] == header


def test_changes_are_read_on_the_first_run_of_a_day_only(tmp_path: Path) -> None:
    old, recent = NOW - timedelta(days=60), NOW - timedelta(days=10)
    closed_long_ago = issue(1, moves=3, created=old)
    closed_lately = issue(2, moves=3, created=recent)
    still_open = issue(3, moves=2, created=old)
    with wired("linear", small(closed_long_ago, closed_lately, still_open), tmp_path) as open_wire:
        stream = open_wire.stream("issues")
        assert open_wire.connector.changes(stream, NOW - timedelta(hours=6), NOW) is None
        assert open_wire.connector.changes(open_wire.stream("comments"), NOW - timedelta(days=1), NOW) is None
        changes = open_wire.connector.changes(stream, NOW - timedelta(hours=13), NOW)
        assert changes is not None
        assert {row["id"] for row in rows(changes)} == {closed_lately.id, still_open.id}


def test_a_rate_limit_is_http_400_and_its_reset_is_in_milliseconds(wire: Wire) -> None:
    wire.fault("throttle", times=1, seconds=9)
    assert len(wire.rows("issues", START)) == 129
    assert wire.requests[0]["status"] == 400
    assert sum(wire.slept) == pytest.approx(9, abs=1)  # the Date header has no fractions of a second


def test_a_used_up_hour_ends_the_read_with_its_time(tmp_path: Path) -> None:
    limits = {"requests": Limit(3, 3600.0), "complexity": Limit(3_000_000, 3600.0)}
    with wired("linear", small(*(issue(n) for n in range(1, 700))), tmp_path, limits=limits) as open_wire:
        with pytest.raises(Throttled, match="Trying again helps after 2026-11-22T"):
            open_wire.rows("issues", START)
        assert len(open_wire.requests) <= 4


def error(code: str, message: str = "…", status: int = 200, headers: Any = None, data: Any = None) -> Reply:
    body = {"errors": [{"message": message, "extensions": {"code": code}}]} | ({"data": data} if data else {})
    return Reply(status, headers or {}, b"", body)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (error("AUTHENTICATION_ERROR", status=401), "settings"),
        (error("FORBIDDEN"), "settings"),
        (error("FEATURE_NOT_ACCESSIBLE", status=400), "settings"),
        (error("GRAPHQL_VALIDATION_FAILED", status=500), "bug"),
        (error("GRAPHQL_VALIDATION_FAILED", status=400), "bug"),
        (error("INPUT_ERROR", "Entity not found: Issue", 400), "gone"),
        (error("INTERNAL_SERVER_ERROR", data={"issues": {}}), "retry"),
        (error("RATELIMITED", status=400), "retry"),
        (error("INPUT_ERROR", "Query too complex", 400), "ok"),
        (Reply(503, {}, b"", None, "text/html"), "retry"),
    ],
)
def test_an_error_is_judged_by_its_code_whatever_the_status(reply: Reply, outcome: str) -> None:
    assert classify(reply).outcome == outcome


DATE = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}


def test_the_wait_is_that_of_the_exhausted_limits_and_an_hour_at_most() -> None:
    def limit(name: str, left: int, seconds: int) -> dict[str, str]:
        reset = str(int(NOW.timestamp() * 1000) + seconds * 1000)
        return {f"X-RateLimit-{name}-Remaining": str(left), f"X-RateLimit-{name}-Reset": reset}

    asked = DATE | limit("Requests", 0, 40) | limit("Complexity", 2_000_000, 900)
    assert classify(error("RATELIMITED", status=400, headers=asked)).wait == 40
    both = DATE | limit("Requests", 0, 40) | limit("Complexity", 12, 900)
    assert classify(error("RATELIMITED", status=400, headers=both)).wait == 900
    far = DATE | limit("Requests", 0, 9000)
    assert classify(error("RATELIMITED", status=400, headers=far)).wait == 3600
    assert observe(Reply(200, both, b"", {})) == {"all": 900.0}
    assert observe(Reply(200, {"X-RateLimit-Requests-Limit": "5000"}, b"", {})) == {"all": Rate(5000, per=3600)}


def test_a_part_of_an_answer_is_never_taken(wire: Wire) -> None:
    wire.rows("issues", START)
    wire.fault("ok_with_error")
    with pytest.raises(SourceUnavailable, match="only a part of the answer came"):
        wire.rows("issues", START)
