"""Support's and the platform team's issues, with the urgent ones that the rules are about."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import uuid
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.dgskills.scene import HOUR, Scene
from kpi_pipeline.sandbox.world.model import Dated, IssueLabel, IssueRecord, Team, TrackerUser, WorkflowState, World
from kpi_pipeline.sandbox.world.names import person

TEAMS = {"SUP": "Support", "PLAT": "Platform"}
STATES = ("triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate")
STATE_NAMES = ("Triage", "Backlog", "Todo", "In Progress", "Done", "Canceled", "Duplicate")
LABELS = ("bug", "vraag", "privacy")
PER_DAY = {"SUP": 1.1, "PLAT": 1.6}
USERS = 5
TITLES = {
    "SUP": ("Klas niet zichtbaar", "Profiel leeg na import", "Export traag", "Leerling kan niet inleveren"),
    "PLAT": ("Bibliotheken bijwerken", "Zoekfilter opdrachten", "Testdekking rapport", "Koppeling SSO"),
}
MILLISECOND = timedelta(milliseconds=1)


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
        name = f"{who.first_name} {who.last_name}"
        world.tracker_users.append(TrackerUser(uuid(seed, "user", number), name, who.email))
    for day in scene.all_days():
        for key, share in PER_DAY.items():
            r = scene.stream("issues", key, day)
            for index in range(int(share) + (r.random() < share % 1)):
                _ordinary(world, scene, key, day, (day - date(2020, 1, 1)).days * 10 + index)
        if day.day in (6, 19):
            _story(world, scene, day)
    world.issues.sort(key=lambda issue: (issue.created_at, issue.id))


def state_id(seed: int, team: str, type_: str) -> str:
    return uuid(seed, "state", team, type_)


def _story(world: World, scene: Scene, day: date) -> None:
    """Twice a month something urgent in support.

    On the Friday before the 6th a P1 that stays open over the weekend, until Tuesday in odd months; on the 19th a P2
    that is raised to P1 the next day, solved, and opened again.
    """
    number = (day - date(2020, 1, 1)).days * 10 + 9
    if day.day == 6:
        friday = day - timedelta(days=(day.weekday() - 4) % 7)
        if friday < scene.first:
            return
        created = scene.days.at(friday, 15 * 3600 + 123)
        solved = scene.days.at(friday + (4 if day.month % 2 else 3) * DAY, 11 * 3600)
        _add(world, scene, "SUP", number, (("1", created),), [("triage", created), ("completed", solved)])
        return
    created = scene.days.at(day, 10 * 3600 + 77)
    done = created + 30 * HOUR
    states = [("triage", created), ("started", created + HOUR), ("completed", done)]
    states += [("started", done + 5 * HOUR), ("completed", done + 26 * HOUR)]
    _add(world, scene, "SUP", number, (("2", created), ("1", created + 24 * HOUR)), states)


def _ordinary(world: World, scene: Scene, team: str, day: date, number: int) -> None:
    r = scene.stream("issue", team, number)
    created = scene.days.at(day, (8 + 10 * r.random()) * 3600)
    urgent = team == "SUP" and r.random() < 0.07
    priorities: Dated = (("2" if urgent else r.choice("3344"), created),)
    takes = timedelta(hours=r.lognormvariate(2.2 if urgent else 4.0, 0.8))
    if urgent and r.random() < 0.3:  # lowered before it is solved
        priorities = (("2", created), ("3", created + takes * 0.5))
    states = [("triage", created), ("started", created + takes * 0.3)]
    draw = r.random()
    states.append(("canceled" if draw < 0.06 else "duplicate" if draw < 0.1 else "completed", created + takes))
    if not urgent and r.random() < 0.08:
        states.pop()
    _add(world, scene, team, number, priorities, states, r)


def _add(
    world: World, scene: Scene, team: str, number: int, priorities: Dated, states: list[tuple[str, datetime]],
    r: Random | None = None,
) -> None:  # fmt: skip
    seed = scene.seed
    r = scene.stream("urgent issue", number) if r is None else r
    lives = tuple((state_id(seed, team, type_), _cut(at)) for type_, at in states)
    prio = tuple((priority, _cut(at)) for priority, at in priorities)
    labels = [uuid(seed, "label", label) for label in LABELS if r.random() < 0.25]
    trashed = states[-1][1] + 2 * DAY if states[-1][0] == "duplicate" and r.random() < 0.5 else None
    instants = {at for _, at in lives} | {at for _, at in prio} | ({_cut(trashed)} if trashed else set())
    world.issues.append(
        IssueRecord(
            id=uuid(seed, "issue", team, number),
            number=number,
            team_id=uuid(seed, "team", team),
            title=r.choice(TITLES[team]),
            created_at=prio[0][1],
            priorities=prio,
            states=lives,
            label_ids=tuple(labels),
            estimate=r.choice((None, 1, 2, 3, 5)),
            cycle_id=None,
            project_id=None,
            assignee_id=uuid(seed, "user", int(r.random() * USERS)),
            comments=(),
            modified=tuple(sorted(instants)),
            trashed_at=_cut(trashed) if trashed else None,
        )
    )


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
