"""The issues that roadmap items are worked on in: done on the day an item is delivered, now and then reopened."""

from __future__ import annotations

from datetime import timedelta

from kpi_pipeline.sandbox.world.chance import uuid
from kpi_pipeline.sandbox.world.inpact.scene import Scene
from kpi_pipeline.sandbox.world.model import (
    IssueLabel,
    IssueRecord,
    RoadmapItem,
    Team,
    TrackerUser,
    WorkflowState,
    World,
)
from kpi_pipeline.sandbox.world.names import person

TEAM = "TR"
HARD = "hard-deadline"
STATES = {"unstarted": "Todo", "started": "In Progress", "completed": "Done", "canceled": "Canceled"}
USERS = 4
REOPENED_EVERY = 7


def open_team(world: World, scene: Scene) -> None:
    team = uuid(scene.seed, "team", TEAM)
    world.teams.append(Team(team, TEAM, "Tactische roadmap"))
    world.workflow_states += [
        WorkflowState(state_id(scene, kind), team, name, kind, place)
        for place, (kind, name) in enumerate(STATES.items())
    ]
    world.labels.append(IssueLabel(uuid(scene.seed, "label", HARD), HARD, None))
    for number in range(USERS):
        who = person(scene.stream("tracker user", number))
        name = f"{who.first_name} {who.last_name}"
        world.tracker_users.append(TrackerUser(uuid(scene.seed, "user", number), name, who.email))


def state_id(scene: Scene, kind: str) -> str:
    return uuid(scene.seed, "state", TEAM, kind)


def add(world: World, scene: Scene, item: RoadmapItem, number: int) -> None:
    """The issue of an item. Every seventh was called done a fortnight early and then reopened."""
    r = scene.stream("roadmap issue", number)
    created = item.entered_at + timedelta(hours=2)
    started = max(created, scene.office(item.due - timedelta(days=30), r))
    states = [("unstarted", created), ("started", started)]
    if item.delivered is not None:
        done = max(started + timedelta(hours=1), scene.office(item.delivered, r))
        early = done - timedelta(days=14)
        if number % REOPENED_EVERY == 0 and early > started:
            states += [("completed", early), ("started", early + timedelta(days=2))]
        states.append(("completed", done))
    world.issues.append(
        IssueRecord(
            id=uuid(scene.seed, "issue", TEAM, number),
            number=number,
            team_id=uuid(scene.seed, "team", TEAM),
            title=item.item_name,
            created_at=created,
            priorities=(("2" if item.hard_reason else "3", created),),
            states=tuple((state_id(scene, kind), at) for kind, at in states),
            label_ids=(uuid(scene.seed, "label", HARD),) if item.hard_reason else (),
            estimate=int(item.value),
            cycle_id=None,
            project_id=None,
            assignee_id=uuid(scene.seed, "user", number % USERS),
            comments=(),
            modified=tuple(dict.fromkeys(at for _, at in states)),
            due_date=item.due,
        )
    )
