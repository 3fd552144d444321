"""Linear stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from kpi_pipeline.sandbox.world.model import IssueRecord, Team, TrackerUser, WorkflowState, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-09-01 00:00")


def issue(number: int) -> IssueRecord:
    # seven issues share each instant, so that ties lie over every page's edge
    at = START + timedelta(hours=25 * (number // 7))
    return IssueRecord(
        id=str(UUID(int=number)),
        number=number,
        team_id="team",
        title=CANARY,
        created_at=at,
        priorities=(("2", at),),
        states=(("todo", at),),
        label_ids=(),
        estimate=1,
        cycle_id=None,
        project_id=None,
        assignee_id="user",
        comments=(),
        modified=(at,),
    )


class TestLinear(ConnectorContract):
    vendor = "linear"
    stream = "issues"
    expected = 520
    path = "/graphql"
    start = START
    limits: ClassVar = {"requests": MANY, "complexity": MANY}
    lacks: ClassVar = {
        "daily_limit": "has no limit by the day",
        "foreign_next": "pages by cursors, there is no link to follow",
        "wrong_count": "sends no count",
    }

    def world(self) -> World:
        state = WorkflowState("todo", "team", "To do", "unstarted", 1)
        users, teams = [TrackerUser("user", "Canary", CANARY)], [Team("team", "INC", "Incidents")]
        return world(teams=teams, workflow_states=[state], tracker_users=users, issues=[*map(issue, range(520))])
