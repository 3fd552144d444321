"""Engineering's issues: incidents with priorities that change, and ordinary work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import uuid
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import (
    Cycle,
    Dated,
    IssueLabel,
    IssueRecord,
    Project,
    Team,
    TrackerUser,
    WorkflowState,
    World,
)
from kpi_pipeline.sandbox.world.names import person

HOUR = timedelta(hours=1)
TEAMS = {"INC": "Incidents", "ENG": "Engineering", "OPS": "Operations"}
STATES = ("triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate")
STATE_NAMES = ("Triage", "Backlog", "Todo", "In Progress", "Done", "Canceled", "Duplicate")
LABELS = ("P1", "P2", "bug", "customer-impact", "tech-debt", "feature")
PER_DAY = {"INC": 0.85, "ENG": 2.4, "OPS": 1.3}
P1_SHARE = 0.17
USERS = 8
CRISIS_HOURS = (41.0, 27.0, 19.5)
TITLES = {
    "INC": ("Synchronisatie loopt achter", "Betaalpagina traag", "Agenda toont dubbele boeking", "Mail blijft hangen"),
    "ENG": ("Prijsberekening verfijnen", "Zoekfilter locatie", "Bibliotheken bijwerken", "Testdekking offerte"),
    "OPS": ("Licentie verlengen", "Laptop nieuwe collega", "Logboek opschonen", "Rechten nalopen"),
}


@dataclass(frozen=True, slots=True)
class Work:
    """The course of an issue, before it is written down."""

    team: str
    number: int
    title: str
    created_at: datetime
    priorities: Dated
    states: tuple[tuple[str, datetime], ...]  # by state type


def fill(world: World, scene: Scene) -> None:
    seed = scene.seed
    world.teams += [Team(uuid(seed, "team", key), key, name) for key, name in TEAMS.items()]
    world.workflow_states += [
        WorkflowState(state_id(seed, key, type_), uuid(seed, "team", key), name, type_, position)
        for key in TEAMS
        for position, (type_, name) in enumerate(zip(STATES, STATE_NAMES, strict=True))
    ]
    world.labels += [IssueLabel(uuid(seed, "label", name), name, None) for name in LABELS]
    for number in range(USERS):
        who = person(scene.stream("tracker user", number))
        world.tracker_users.append(
            TrackerUser(uuid(seed, "user", number), f"{who.first_name} {who.last_name}", who.email)
        )
    world.cycles += _cycles(scene)
    world.projects += _projects(scene)
    _story(world, scene)
    for day in scene.all_days():
        for position, key in enumerate(TEAMS):
            r = scene.stream("issues", key, day)
            count = int(PER_DAY[key]) + (r.random() < PER_DAY[key] % 1)
            for index in range(count):
                _ordinary(world, scene, key, day, (day - date(2020, 1, 1)).days * 10 + index + position)
    world.issues.sort(key=lambda issue: (issue.created_at, issue.id))


def state_id(seed: int, team: str, type_: str) -> str:
    return uuid(seed, "state", team, type_)


def _ordinary(world: World, scene: Scene, team: str, day: date, number: int) -> None:
    r = scene.stream("issue", team, number)
    created = _milliseconds(scene.days.at(day, (8 + 12 * r.random()) * 3600))
    if team == "INC" and r.random() < P1_SHARE:
        _add(world, scene, _urgent(team, number, created, r), r)
        return
    priority = str(2 + int(r.random() * 3))
    priorities: Dated = ((priority, created),)
    takes = timedelta(hours=r.lognormvariate(3.1 if team == "INC" else 4.2, 0.9))
    started, done = created + takes * 0.4, created + takes
    if team == "INC" and r.random() < 0.03:  # escalated for an hour, then lowered again: no P1 when it is solved
        priorities = (("2", created), ("1", created + takes * 0.2), ("3", created + takes * 0.2 + HOUR))
    states: list[tuple[str, datetime]] = [("triage" if team == "INC" else "backlog", created), ("started", started)]
    draw = r.random()
    if draw < 0.06:
        states.append(("canceled", done))
    elif draw < 0.09:
        states.append(("duplicate", done))
    elif draw < 0.94:
        states.append(("completed", done))
        if r.random() < 0.04:
            states += [("started", done + 9 * HOUR), ("completed", done + 30 * HOUR)]
    _add(world, scene, Work(team, number, r.choice(TITLES[team]), created, priorities, tuple(states)), r)


def _urgent(team: str, number: int, created: datetime, r: Random) -> Work:
    """A P1: solved within nine hours; one in six was raised to it later, one in ten is reopened."""
    takes = timedelta(hours=min(9.0, r.lognormvariate(0.82, 0.55)))
    priorities: Dated = (("1", created),)
    if r.random() < 1 / 6:
        priorities = (("2", created), ("1", created + takes * 0.3))
    states = [("triage", created), ("started", created + takes * 0.1), ("completed", created + takes)]
    if r.random() < 0.1:
        states += [("started", created + takes + HOUR), ("completed", created + takes + 2.5 * HOUR)]
    return Work(team, number, r.choice(TITLES[team]), created, priorities, tuple(states))


def _story(world: World, scene: Scene) -> None:
    """P1 incidents of the long outages and of the migration that went wrong."""
    number = 1
    for outage in scene.story.outages:
        if outage.monitor != "Website":
            continue
        created = _milliseconds(outage.start + timedelta(minutes=4, milliseconds=321))
        done = outage.end + timedelta(minutes=11)
        states = (("triage", created), ("started", created + HOUR / 10), ("completed", done))
        _add(world, scene, Work("INC", number, f"Website plat: {outage.reason}", created, (("1", created),), states),
             scene.stream("outage issue", number))  # fmt: skip
        number += 1
    for position, hours in enumerate(CRISIS_HOURS):
        created = scene.days.at(scene.story.migration_crisis + position * 4 * DAY, 9 * 3600 + 777)
        states = (("triage", created), ("started", created + HOUR), ("completed", created + timedelta(hours=hours)))
        work = Work("INC", number, "Migratie: synchronisatie mist boekingen", created, (("1", created),), states)
        _add(world, scene, work, scene.stream("crisis issue", position))
        number += 1


def _add(world: World, scene: Scene, work: Work, r: Random) -> None:
    seed, team = scene.seed, work.team
    identifier = uuid(seed, "issue", team, work.number)
    states = tuple((state_id(seed, team, type_), _milliseconds(at)) for type_, at in work.states)
    priorities = tuple((priority, _milliseconds(at)) for priority, at in work.priorities)
    final, closed = work.states[-1]
    urgent = any(priority == "1" for priority, _ in priorities)
    labels = ["P1"] if urgent else ["P2"] if priorities[-1][0] == "2" else []
    labels += [label for label in LABELS[2:] if r.random() < 0.2]
    author = uuid(seed, "user", int(r.random() * USERS))
    commented = int(r.random() * 3)
    comments = tuple(
        (uuid(seed, "comment", team, work.number, k), author, _milliseconds(work.created_at + (k + 1) * HOUR / 2))
        for k in range(commented)
    )
    archived = closed + 120 * DAY if final in ("completed", "canceled", "duplicate") and r.random() < 0.5 else None
    trashed = closed + 3 * DAY if team != "INC" and r.random() < 0.006 else None
    modified = {at for _, at in states} | {at for _, at in priorities} | {at for _, _, at in comments}
    modified |= {at for at in (archived, trashed) if at is not None}
    triage = scene.story.bulk_triage
    if team != "INC" and timedelta() < triage - work.created_at < 45 * DAY and triage > states[-1][1]:
        modified.add(triage)
    cycle = uuid(seed, "cycle", _cycle_number(scene, work.created_at)) if team == "ENG" and r.random() < 0.8 else None
    world.issues.append(
        IssueRecord(
            id=identifier,
            number=work.number,
            team_id=uuid(seed, "team", team),
            title=work.title,
            created_at=work.created_at,
            priorities=priorities,
            states=states,
            label_ids=tuple(uuid(seed, "label", label) for label in labels),
            estimate=r.choice((None, 1, 2, 3, 5, 8)),
            cycle_id=cycle,
            project_id=uuid(seed, "project", int(r.random() * 6)) if team == "ENG" and r.random() < 0.5 else None,
            assignee_id=author,
            comments=comments,
            modified=tuple(sorted(modified)),
            due_date=scene.days.date_of(work.created_at + 14 * DAY) if r.random() < 0.1 else None,
            archived_at=_milliseconds(archived) if archived else None,
            trashed_at=_milliseconds(trashed) if trashed else None,
        )
    )


def _cycles(scene: Scene) -> list[Cycle]:
    """Two weeks each, from a Monday, in the engineering team."""
    first, last = (_cycle_number(scene, at) for at in (scene.starts_at, scene.horizon))
    team = uuid(scene.seed, "team", "ENG")
    return [
        Cycle(
            uuid(scene.seed, "cycle", n), team, n, scene.days.start(_cycle_day(n)), scene.days.start(_cycle_day(n + 1))
        )
        for n in range(first, last + 1)
    ]


def _cycle_day(number: int) -> date:
    return date(2024, 1, 1) + number * 14 * DAY


def _cycle_number(scene: Scene, at: datetime) -> int:
    return (scene.days.date_of(at) - date(2024, 1, 1)).days // 14


def _projects(scene: Scene) -> list[Project]:
    found = []
    for number in range(6):
        start = scene.starts_at + number * 60 * DAY
        done = start + 75 * DAY if number < 4 else None
        state = "completed" if done else "started"
        target = scene.days.date_of(start + 70 * DAY)
        found.append(
            Project(
                uuid(scene.seed, "project", number),
                f"Project {number + 1}",
                state,
                start,
                target,
                done,
                scene.starts_at,
            )
        )
    return found


def _milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
