"""Leads in the CRM: companies that ask, how soon a person answers, and which of them try the product."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import DAY, day_code
from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import CrmOwner, Dated, Engagement, Lead, Organisation, World
from kpi_pipeline.sandbox.world.names import business, person

FIRST_OWNER, OWNERS = 930_101, 5
OPENS, CLOSES = 9, 17
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SOURCES = ("ORGANIC_SEARCH", "ORGANIC_SEARCH", "PAID_SEARCH", "REFERRALS", "DIRECT_TRAFFIC")
TRIES = 0.17  # share of leads that start a trial, nearly all of them within 30 days
NEVER_ANSWERED = 0.01


@dataclass(frozen=True, slots=True)
class Trial:
    """An organisation starts a trial at `at`."""

    key: str
    organisation_id: int
    at: datetime


def fill(world: World, scene: Scene) -> list[Trial]:
    """Adds leads, their organisations and what was said to them; the trials that follow, in order of the leads."""
    world.owners += [
        CrmOwner(FIRST_OWNER + number, 60_000 + number, person(scene.stream("owner", number)))
        for number in range(OWNERS)
    ]
    trials: list[Trial] = []
    for day in scene.all_days():
        r = scene.stream("leads", day)
        for number in range(_arrivals(r, day)):
            trials += _lead(world, scene, day, number)
        if day.day == 1:  # exactly on the border of two months
            trials += _lead(world, scene, day, 90, at=scene.days.start(day))
    return trials


def _arrivals(r: Random, day: date) -> int:
    return max(0, round(r.gauss(3.6 if day.weekday() < 5 else 1.2, 1.2)))


def _lead(world: World, scene: Scene, day: date, number: int, at: datetime | None = None) -> list[Trial]:
    r = scene.stream("lead", day, number)
    created = at or scene.days.at(day, int((6 + 15 * r.random()) * 3600))
    lead_id = day_code(day) * 1_000 + number
    draw = r.random()
    if draw < 0.01:  # nonsense: deleted the next morning
        archived = created + DAY
        world.leads.append(_contact(lead_id, created, r, None, archived_at=archived))
        return []
    if draw < 0.06 and world.leads and world.leads[-1].organisation_id is not None:
        organisation = world.leads[-1].organisation_id  # a colleague of the lead before
    else:
        organisation = _organisation(world, lead_id, created, r)
    answered = _answer(world, scene, lead_id, created, r)
    trial = created + between(r, HOUR, 24 * DAY) if r.random() < TRIES else None
    if trial is not None and r.random() < 0.04:
        trial = (
            created + 30 * DAY + (timedelta() if r.random() < 0.5 else timedelta(seconds=1))
        )  # on and after the limit
    stages: Dated = (("lead", created),)
    if answered is not None and r.random() < 0.5:
        stages = (*stages, ("salesqualifiedlead", answered + between(r, HOUR, 40 * HOUR)))
    world.leads.append(_contact(lead_id, created, r, organisation, stages=stages))
    return [] if trial is None else [Trial(f"lead-{lead_id}", organisation, trial)]


def _organisation(world: World, lead_id: int, created: datetime, r: Random) -> int:
    name, domain = business(r)
    identifier = 9_900_000_000 + lead_id
    world.organisations.append(
        Organisation(
            id=identifier,
            name=name,
            domain=domain,
            industry="COMPUTER_SOFTWARE",
            city="Brussels",
            created_at=created,
            lifecycle=(("lead", created),),
            modified=(created,),
        )
    )
    return identifier


def _answer(world: World, scene: Scene, lead_id: int, created: datetime, r: Random) -> datetime | None:
    """An automatic reply, then a person in office hours; one in a hundred is forgotten."""
    if r.random() < 0.2:
        _say(world, lead_id, 1, "email", created + MINUTE, automated=True)
    if r.random() < NEVER_ANSWERED:
        return None
    hours = min(30.0, 0.9 * math.exp(r.gauss(0, 0.9))) * (2.6 if _short_of_people(scene, created) else 1.0)
    at = _office_time(scene, created, timedelta(seconds=int(hours * 3600)))
    if r.random() < 0.01:
        at = _office_time(scene, created, 2 * HOUR)  # exactly the limit
    _say(world, lead_id, 2, "call" if r.random() < 0.5 else "email", at)
    if r.random() < 0.5:
        _say(world, lead_id, 3, "meeting", at + between(r, DAY, 6 * DAY))
    return at


def _short_of_people(scene: Scene, at: datetime) -> bool:
    return scene.ago(60) <= at < scene.ago(46)


def _office_time(scene: Scene, start: datetime, wait: timedelta) -> datetime:
    """When `wait` of office hours (Monday to Friday) has passed."""
    day = start.date()
    while True:
        if day.weekday() < 5:
            opens, closes = scene.days.at(day, OPENS * 3600), scene.days.at(day, CLOSES * 3600)
            begin = max(start, opens)
            if begin < closes:
                if begin + wait < closes:
                    return begin + wait
                wait -= closes - begin
        day += DAY


def _say(world: World, lead_id: int, number: int, kind: str, at: datetime, *, automated: bool = False) -> None:
    world.engagements.append(
        Engagement(
            id=lead_id * 10 + number,
            kind=kind,
            lead_id=lead_id,
            deal_id=None,
            at=at,
            created_at=at,
            direction="outbound",
            automated=automated,
            owner_id=None if automated else FIRST_OWNER + lead_id % OWNERS,
            title="Thank you for your interest" if automated else "Your question about Inopsio",
            outcome={"call": "CONNECTED", "email": None, "meeting": "COMPLETED"}[kind],
            ends_at=None if kind == "email" else at + 20 * MINUTE,
            modified=(at,),
        )
    )


def _contact(
    lead_id: int,
    created: datetime,
    r: Random,
    organisation: int | None,
    *,
    stages: Dated = (),
    archived_at: datetime | None = None,
) -> Lead:
    lifecycle = stages or (("lead", created),)
    touched = {created, *(at for _, at in lifecycle), *([archived_at] if archived_at else [])}
    return Lead(
        id=lead_id,
        person=person(r),
        organisation_id=organisation,
        created_at=created,
        source=SOURCES[int(r.random() * len(SOURCES))],
        owner_id=FIRST_OWNER + lead_id % OWNERS,
        lifecycle=lifecycle,
        lead_status=(("NEW", created),),
        modified=tuple(sorted(touched)),
        archived_at=archived_at,
    )
