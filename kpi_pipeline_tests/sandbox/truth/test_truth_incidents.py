"""P1 resolution, recounted by hand. Day judged: 30 November 2025, its window begins on 2 September."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth import incidents
from kpi_pipeline.sandbox.world.model import IssueRecord, Team, WorkflowState

DAY = date(2025, 11, 30)
END = datetime(2025, 11, 30, 23, tzinfo=UTC)
FIRST_INSTANT = datetime(2025, 9, 1, 22, tzinfo=UTC)
KPI = "p1_resolution_time_avg"
HOUR = timedelta(hours=1)


@pytest.fixture
def board(tiny: Any) -> Any:
    for key in ("INC", "ENG"):
        tiny.world.teams.append(Team(key, key, key))
        for type_ in ("triage", "started", "completed", "canceled", "duplicate"):
            tiny.world.workflow_states.append(WorkflowState(type_, key, type_, type_, 0))
    return tiny


def issue(
    board: Any, created: datetime, *states: tuple[str, float], priorities: tuple[tuple[str, float], ...] = (("1", 0),),
    team: str = "INC", archived: bool = False,
) -> None:  # fmt: skip
    """States and priorities with the hours after creation at which they begin."""
    board.world.issues.append(
        IssueRecord(
            id=str(len(board.world.issues)), number=1, team_id=team, title="", created_at=created,
            priorities=tuple((p, created + h * HOUR) for p, h in priorities),
            states=tuple((s, created + h * HOUR) for s, h in (("triage", 0.0), *states)),
            label_ids=(), estimate=None, cycle_id=None, project_id=None, assignee_id=None, comments=(), modified=(),
            archived_at=END if archived else None,
        )
    )  # fmt: skip


def november(day: int) -> datetime:
    return datetime(2025, 11, day, 12, tzinfo=UTC)


def test_mean_of_urgent_incidents_completed_in_ninety_days(board: Any) -> None:
    issue(board, november(1), ("completed", 2))
    issue(board, november(2), ("completed", 5), archived=True)
    issue(board, november(3), ("completed", 90), team="ENG")
    issue(board, november(3), ("canceled", 90))
    issue(board, november(3), ("duplicate", 90))
    issue(board, FIRST_INSTANT - HOUR, ("completed", 1))  # completed on the border: in
    issue(board, FIRST_INSTANT - 2 * HOUR, ("completed", 1.999))  # just before: out
    found = board.value(incidents.values, KPI, DAY)
    assert (found.numerator, found.denominator, found.n) == (8 * 3_600_000, 3, 3)
    assert abs(found.value - Decimal(8) / 3) < Decimal("1e-20")


def test_priority_is_that_of_the_moment_of_completion(board: Any) -> None:
    issue(board, november(1), ("completed", 2), priorities=(("3", 0), ("1", 1)))  # raised: counts
    issue(board, november(1), ("completed", 3), priorities=(("1", 0), ("2", 1)))  # lowered: does not
    issue(board, november(1), ("completed", 4), priorities=(("1", 0), ("4", 5)))  # lowered afterwards: counts
    assert board.value(incidents.values, KPI, DAY).numerator == 6 * 3_600_000


def test_a_reopened_incident_counts_with_the_completion_that_stands(board: Any) -> None:
    issue(board, november(10), ("completed", 2), ("started", 30), ("completed", 54))
    assert board.value(incidents.values, KPI, date(2025, 11, 10)).numerator == 2 * 3_600_000
    reopened = board.value(incidents.values, KPI, date(2025, 11, 11))
    assert (reopened.value, reopened.n, reopened.reason) == (None, 0, None)
    assert board.value(incidents.values, "p1_open_count", date(2025, 11, 11)).value == 1
    assert board.value(incidents.values, KPI, DAY).numerator == 54 * 3_600_000


def test_nothing_resolved_and_nothing_open_is_well(board: Any) -> None:
    assert board.value(incidents.values, KPI, DAY).reason == "none_open"
    assert board.value(incidents.values, "p1_open_count", DAY).value == 0
    assert board.value(incidents.values, "p1_open_oldest_age", DAY).reason == "none_open"


def test_open_incidents_and_the_age_of_the_oldest(board: Any) -> None:
    issue(board, END - 5 * HOUR)
    issue(board, END - 30 * HOUR, priorities=(("2", 0), ("1", 27)))
    issue(board, END - 99 * HOUR, priorities=(("1", 0), ("2", 90)))  # lowered meanwhile
    issue(board, END + HOUR)  # tomorrow's
    assert board.value(incidents.values, "p1_open_count", DAY).value == 2
    age = board.value(incidents.values, "p1_open_oldest_age", DAY)
    assert (age.value, age.n) == (Decimal(30), 2)
    assert board.value(incidents.values, KPI, DAY).reason is None
