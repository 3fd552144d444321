"""Engineering's work: sprints of two weeks, features with estimates, and bugs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import uuid
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.model import Cycle, IssueLabel, IssueRecord, Team, TrackerUser, WorkflowState, World
from kpi_pipeline.sandbox.world.names import person

HOUR = timedelta(hours=1)
TEAMS = {"ENG": "Engineering", "DES": "Design"}
STATES = ("triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate")
STATE_NAMES = ("Triage", "Backlog", "Todo", "In Progress", "Done", "Canceled", "Duplicate")
LABELS = ("bug", "feature", "chore")
SPRINT = 14
FIRST_SPRINT = date(2024, 1, 1)  # a Monday
USERS = 7
BUGS_A_DAY, FEATURES_A_SPRINT = 0.55, 17


def fill(world: World, scene: Scene) -> None:
    seed = scene.seed
    world.teams += [Team(uuid(seed, "team", key), key, name) for key, name in TEAMS.items()]
    world.workflow_states += [
        WorkflowState(_state(seed, key, type_), uuid(seed, "team", key), name, type_, position)
        for key in TEAMS
        for position, (type_, name) in enumerate(zip(STATES, STATE_NAMES, strict=True))
    ]
    world.labels += [IssueLabel(uuid(seed, "label", name), name, None) for name in LABELS]
    for number in range(USERS):
        who = person(scene.stream("tracker user", number))
        world.tracker_users.append(
            TrackerUser(uuid(seed, "user", number), f"{who.first_name} {who.last_name}", who.email)
        )
    first, last = _sprint_of(scene.first), _sprint_of(scene.last)
    for sprint in range(first, last + 1):
        for key in TEAMS:
            world.cycles.append(
                Cycle(_cycle(seed, key, sprint), uuid(seed, "team", key), sprint,
                      scene.days.start(_sprint_day(sprint)), scene.days.start(_sprint_day(sprint + 1)))
            )  # fmt: skip
        _sprint(world, scene, "ENG", sprint, FEATURES_A_SPRINT)
        _sprint(world, scene, "DES", sprint, 4)
    for day in scene.all_days():
        r = scene.stream("bug", day)
        if r.random() < BUGS_A_DAY:
            _bug(world, scene, day, r)
    world.issues.sort(key=lambda issue: (issue.created_at, issue.id))


def _sprint(world: World, scene: Scene, team: str, sprint: int, count: int) -> None:
    """Three of four are done in their sprint, some the day after it, some never; one may be done and reopened."""
    start = scene.days.start(_sprint_day(sprint))
    if start < scene.starts_at or start >= scene.horizon:
        return
    for number in range(count):
        r = scene.stream("feature", team, sprint, number)
        created = start - between(r, DAY, 20 * DAY)
        draw = r.random()
        done = start + between(r, 8 * HOUR, 13 * DAY)
        states = [("backlog", created), ("started", start + between(r, HOUR, 6 * HOUR))]
        if draw < 0.76:
            states.append(("completed", done))
            if r.random() < 0.05 and done + 30 * HOUR < start + 13 * DAY:
                states += [("started", done + 5 * HOUR), ("completed", done + 30 * HOUR)]
        elif draw < 0.86:
            states.append(
                ("completed", start + SPRINT * DAY + (timedelta() if draw < 0.79 else between(r, HOUR, 3 * DAY)))
            )
        elif draw < 0.92:
            states.append(("canceled", done))
        estimate = r.choice((None, 1, 2, 3, 5, 5, 8))
        _add(
            world,
            scene,
            team,
            sprint * 1000 + number,
            created,
            states,
            ["feature"],
            estimate,
            _cycle(scene.seed, team, sprint),
            r,
        )


def _bug(world: World, scene: Scene, day: date, r: Random) -> None:
    created = _ms(scene.days.at(day, (7 + 13 * r.random()) * 3600))
    takes = timedelta(hours=min(400.0, r.lognormvariate(3.2, 0.8)))
    states = [("triage", created), ("started", created + takes * 0.3)]
    draw = r.random()
    if draw < 0.9:
        states.append(("completed", created + takes))
        if r.random() < 0.06:
            states += [("started", created + takes + 20 * HOUR), ("completed", created + takes + 44 * HOUR)]
    elif draw < 0.96:
        states.append(("canceled" if draw < 0.93 else "duplicate", created + takes))
    labels = ["bug", "chore"] if r.random() < 0.1 else ["bug"]
    _add(world, scene, "ENG", 900_000 + (day - FIRST_SPRINT).days, created, states, labels, None, None, r)


def _add(
    world: World, scene: Scene, team: str, number: int, created: datetime, states: list[tuple[str, datetime]],
    labels: list[str], estimate: int | None, cycle: str | None, r: Random,
) -> None:  # fmt: skip
    seed = scene.seed
    closed = states[-1][1]
    trashed = closed + 4 * DAY if states[-1][0] in STATES[4:] and r.random() < 0.01 else None
    moves = tuple((_state(seed, team, type_), _ms(at)) for type_, at in states)
    world.issues.append(
        IssueRecord(
            id=uuid(seed, "issue", team, number),
            number=number,
            team_id=uuid(seed, "team", team),
            title=f"{labels[0].title()} {number}",
            created_at=_ms(created),
            priorities=((str(1 + int(r.random() * 4)), _ms(created)),),
            states=moves,
            label_ids=tuple(uuid(seed, "label", label) for label in labels),
            estimate=estimate,
            cycle_id=cycle,
            project_id=None,
            assignee_id=uuid(seed, "user", int(r.random() * USERS)),
            comments=(),
            modified=tuple(sorted({at for _, at in moves} | ({_ms(trashed)} if trashed else set()))),
            trashed_at=_ms(trashed) if trashed else None,
        )
    )


def _state(seed: int, team: str, type_: str) -> str:
    return uuid(seed, "state", team, type_)


def _cycle(seed: int, team: str, sprint: int) -> str:
    return uuid(seed, "cycle", team, sprint)


def _sprint_day(number: int) -> date:
    return FIRST_SPRINT + number * SPRINT * DAY


def _sprint_of(day: date) -> int:
    return (day - FIRST_SPRINT).days // SPRINT


def _ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
