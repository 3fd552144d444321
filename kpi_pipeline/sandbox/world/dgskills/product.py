"""What teachers and students do: events by school, week and day, with assignments that students begin and finish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.dgskills.holidays import days_off
from kpi_pipeline.sandbox.world.dgskills.lives import Life
from kpi_pipeline.sandbox.world.dgskills.people import Tenant, ours, tenants
from kpi_pipeline.sandbox.world.dgskills.scene import WEEK, Scene
from kpi_pipeline.sandbox.world.model import Assignment, World
from kpi_pipeline.sandbox.world.model.product import Events, Ints, ProductUse

NAMES = (
    "login", "ping", "create_assignment", "give_feedback", "open_class_report", "export_excel",
    "start_assignment", "hand_in", "reflect",
)  # fmt: skip
LOGIN, PING = 0, 1
TEACHER_EVENTS, TEACHER_SHARES = (2, 3, 4, 5), (0.22, 0.4, 0.3, 0.08)
STUDENT_EVENTS, STUDENT_SHARES = (6, 7, 8), (0.4, 0.35, 0.25)
START_ASSIGNMENT = 6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
HOUR_MS = 3_600_000
LATE = 0.004  # a tablet that was offline


@dataclass(slots=True)
class Log:
    """Columns of events, piece by piece."""

    at: list[Ints] = field(default_factory=list)
    user: list[Ints] = field(default_factory=list)
    event: list[Ints] = field(default_factory=list)
    recorded: list[Ints] = field(default_factory=list)

    def add(self, at: Ints, user: Ints, event: Ints, recorded: Ints) -> None:
        for column, piece in zip(
            (self.at, self.user, self.event, self.recorded), (at, user, event, recorded), strict=True
        ):
            column.append(piece)

    def events(self) -> Events:
        at, user, event, recorded = map(np.concatenate, (self.at, self.user, self.event, self.recorded))
        order = np.lexsort((event, user, at))
        return Events(NAMES, at[order], user[order], event[order], recorded[order])


def fill(world: World, scene: Scene, lives: list[Life]) -> None:
    known = tenants(scene, lives)
    account, people = ours(scene)
    use = ProductUse(users=[*people], accounts=[account])
    log = Log()
    _test_clicks(scene, log, len(people))
    for tenant in known:
        first = len(use.users)
        use.users += tenant.users
        use.accounts.append(tenant.account)
        _school(scene, tenant, first, log)
    use.events = log.events()
    use.assignments = _assignments(scene, use)
    world.product = use


def _test_clicks(scene: Scene, log: Log, people: int) -> None:
    """Our own testers, every working day."""
    days = [day for day in scene.all_days() if day.isoweekday() <= 5]
    starts = np.array([_midnight_ms(scene, day) for day in days], np.int64)
    for user in range(people):
        at = starts + (10 + user) * HOUR_MS
        event = np.full(len(days), START_ASSIGNMENT if user == people - 1 else TEACHER_EVENTS[0], np.int64)
        log.add(at, np.full(len(days), user, np.int64), event, at)


def _school(scene: Scene, tenant: Tenant, first: int, log: Log) -> None:
    """Week by week, each with a generator of its own, so that a later horizon changes nothing before it."""
    off = days_off(tenant.life.region)
    teachers = np.array([user.role == "teacher" for user in tenant.users])
    traits = np.random.default_rng([scene.seed, tenant.life.code]).random(len(tenant.users))
    enabled = np.array([_ms(user.enabled_at) for user in tenant.users], np.int64)
    disabled = np.array([_ms(user.disabled_at) if user.disabled_at else 1 << 62 for user in tenant.users], np.int64)
    monday = tenant.begins - tenant.begins.weekday() * DAY
    week = 0
    while monday <= scene.last and (tenant.ends is None or monday < tenant.ends):
        rng = np.random.default_rng([scene.seed, tenant.life.code, monday.toordinal()])
        mood = _mood(tenant, week) * rng.uniform(0.75, 1.2)
        days = [monday + timedelta(days=number) for number in range(7)]
        wanted = np.array([_chance(day, off) if _runs(tenant, day) else 0.0 for day in days])
        starts = np.array([_midnight_ms(scene, day) for day in days], np.int64)
        chance = np.where(teachers, 0.12 + 0.38 * traits, 0.08 + 0.3 * traits)
        active = rng.random((len(tenant.users), 7)) < np.outer(chance * mood, wanted)
        user, day = np.nonzero(active)
        _day_of_work(rng, first, teachers, user, starts[day], enabled, disabled, log)
        monday, week = monday + WEEK, week + 1


def _day_of_work(
    rng: np.random.Generator, first: int, teachers: NDArray[np.bool_], user: Ints, starts: Ints, enabled: Ints,
    disabled: Ints, log: Log,
) -> None:  # fmt: skip
    """A login, then what is done in the quarter of an hour after; every eighth visit is a login and a ping only."""
    came = starts + (8 * HOUR_MS + rng.random(len(user)) * 8 * HOUR_MS).astype(np.int64)
    there = (came > enabled[user]) & (came + HOUR_MS < disabled[user])
    user, came = user[there], came[there]
    times = np.where(rng.random(len(user)) < 0.125, 0, 1 + rng.poisson(0.9, len(user)))
    log.add(came, user + first, np.full(len(user), LOGIN, np.int64), came)
    idle, idle_at = user[times == 0], came[times == 0] + 60_000
    log.add(idle_at, idle + first, np.full(len(idle), PING, np.int64), idle_at)
    who, at = np.repeat(user, times), np.repeat(came, times)
    at = at + rng.integers(1_000, 900_000, len(who))
    teaching = rng.choice(TEACHER_EVENTS, len(who), p=TEACHER_SHARES)
    learning = rng.choice(STUDENT_EVENTS, len(who), p=STUDENT_SHARES)
    event = np.where(teachers[who], teaching, learning).astype(np.int64)
    late = np.where(rng.random(len(who)) < LATE, rng.integers(HOUR_MS, 6 * HOUR_MS, len(who)), 0)
    log.add(at, who + first, event, at + late)


def _mood(tenant: Tenant, week: int) -> float:
    """Fading schools use it less each week; a pausing one stops for four weeks and comes back."""
    if tenant.life.habit == "fading":
        return float(max(0.0, 1.2 - 0.11 * week))
    if tenant.life.habit == "pausing":
        return 0.0 if 4 <= week < 8 else 1.5
    return 1.6


def _runs(tenant: Tenant, day: date) -> bool:
    return tenant.begins <= day and (tenant.ends is None or day < tenant.ends)


def _chance(day: date, off: frozenset[date]) -> float:
    if day in off:
        return 0.01
    return 1.0 if day.isoweekday() <= 5 else 0.04


def _assignments(scene: Scene, use: ProductUse) -> list[Assignment]:
    """Every assignment begun by a pupil of a school; four of five are finished, some only after two weeks."""
    at, event, user = use.events.at.tolist(), use.events.event.tolist(), use.events.user.tolist()
    found = []
    for position, name in enumerate(event):
        pupil = use.users[user[position]]
        if name != START_ASSIGNMENT or pupil.internal or pupil.account_id is None:
            continue
        r = scene.stream("assignment", pupil.id, at[position])
        started = _instant(at[position])
        takes = timedelta(milliseconds=int(min(r.lognormvariate(3.0, 1.5), 24 * 30) * HOUR_MS))
        done = started + takes if r.random() < 0.8 else None
        id_ = token("as-", scene.seed, pupil.id, at[position])
        found.append(Assignment(id_, pupil.id, pupil.account_id, started, done))
    return found


def _midnight_ms(scene: Scene, day: date) -> int:
    return _ms(scene.days.start(day))


def _ms(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def _instant(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND
