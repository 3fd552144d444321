"""A small tracker and a way to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox.server import Sandbox
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

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BORN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def issue(number: int, created: datetime, *moves: tuple[str, float], **changes: Any) -> IssueRecord:
    states = (("triage", created), *((state, created + hours * HOUR) for state, hours in moves))
    facts: dict[str, Any] = {
        "id": f"issue-{number:03d}",
        "number": number,
        "team_id": "team",
        "title": f"Issue {number}",
        "created_at": created,
        "priorities": (("3", created),),
        "states": states,
        "label_ids": (),
        "estimate": None,
        "cycle_id": None,
        "project_id": None,
        "assignee_id": None,
        "comments": (),
        "modified": tuple(at for _, at in states),
    }
    return IssueRecord(**{**facts, **changes})


def build() -> World:
    world = World("acme", 1, date(2026, 11, 20), "Europe/Amsterdam", "EUR", BORN, NOW)
    world.teams = [Team("team", "INC", "Incidents"), Team("other", "DEV", "Development")]
    kinds = ("triage", "backlog", "started", "completed", "canceled")
    world.workflow_states = [WorkflowState(kind, "team", kind.title(), kind, n) for n, kind in enumerate(kinds)]
    world.labels = [IssueLabel("p1", "P1", None), IssueLabel("bug", "Bug", "team")]
    world.tracker_users = [TrackerUser("ann", "Ann Bos", "ann@acme.example")]
    world.cycles = [
        Cycle("past", "team", 1, NOW - timedelta(days=20), NOW - timedelta(days=6)),
        Cycle("running", "team", 2, NOW - timedelta(days=6), NOW + timedelta(days=8)),
    ]
    world.projects = [
        Project("rentguy", "RentGuy", "completed", BORN, date(2026, 12, 1), NOW + HOUR, BORN),
        Project("future", "Future", "planned", None, None, None, NOW + timedelta(days=3)),
    ]
    t = datetime(2026, 11, 3, 8, 1, 2, 123_456, tzinfo=UTC)
    comments = (("c1", "ann", t + 7 * HOUR), ("c2", "ann", NOW + HOUR))
    world.issues = [
        issue(1, t, ("started", 1), ("completed", 3.5), label_ids=("p1", "bug"), priorities=(("1", t),), estimate=3),
        issue(2, t + HOUR, ("started", 1), ("completed", 2), ("started", 5), ("completed", 9), assignee_id="ann"),
        issue(3, t + 2 * HOUR, ("canceled", 1), project_id="rentguy", cycle_id="running"),
        issue(4, t + 3 * HOUR, ("backlog", 2), priorities=(("0", t + 3 * HOUR), ("1", t + 4 * HOUR))),
        issue(5, t + 4 * HOUR, archived_at=NOW - HOUR, label_ids=("bug",)),
        issue(6, t + 5 * HOUR, trashed_at=NOW - timedelta(days=2)),
        issue(7, t - timedelta(days=60), trashed_at=NOW - timedelta(days=31)),
        issue(8, NOW + HOUR),
        issue(9, t + 6 * HOUR, ("completed", 24 * 30), comments=comments),
        *(issue(100 + n, BORN + n * HOUR, team_id="other") for n in range(120)),
    ]
    return world


@pytest.fixture(scope="session")
def linear() -> Iterator[Sandbox]:
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("linear",), build=lambda *_: build()) as served:
        yield served


@pytest.fixture
def post(linear: Sandbox) -> Any:
    variables = linear.environment("acme")

    def ask(query: str, status: int = 200, /, **given: Any) -> requests.Response:
        body = {"query": query, "variables": given}
        key = {"Authorization": variables["ACME_LINEAR_API_KEY"]}
        answer = requests.post(variables["ACME_LINEAR_BASE_URL"], json=body, headers=key, timeout=10)
        assert answer.status_code == status, answer.text[:500]
        return answer

    return ask


@pytest.fixture
def data(post: Any) -> Any:
    def ask(query: str, **given: Any) -> Any:
        body = post(query, **given).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    return ask
