"""Tickets of schools: answered in office hours, some late, some opened again, a few never answered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import DAY, day_code, whole_second
from kpi_pipeline.sandbox.world.dgskills.crm import FIRST_OWNER_ID, OWNERS, lead_id, organisation_id
from kpi_pipeline.sandbox.world.dgskills.lives import Life
from kpi_pipeline.sandbox.world.dgskills.scene import HOUR, Scene
from kpi_pipeline.sandbox.world.model import Pipeline, PipelineStage, Ticket, World

STAGES = (
    ("nieuw", "Nieuw", False),
    ("wacht", "Wacht op school", False),
    ("bezig", "In behandeling", False),
    ("gesloten", "Gesloten", True),
)
SUBJECTS = ("Inloggen lukt niet", "Leerlingen importeren", "Rapport exporteren", "Opdracht zoek", "Vraag over privacy")
PRIORITIES = ("LOW", "MEDIUM", "MEDIUM", "HIGH", "URGENT")
OPENS, CLOSES = 8.5, 17.0


def pipeline() -> Pipeline:
    stages = tuple(PipelineStage(id_, label, i, None, closed) for i, (id_, label, closed) in enumerate(STAGES))
    return Pipeline("tickets", "support", "Support", stages)


def fill(world: World, scene: Scene, lives: list[Life]) -> None:
    world.pipelines.append(pipeline())
    for day in scene.all_days():
        known = [life for life in lives if life.go is not None and life.go <= day]
        r = scene.stream("tickets", day)
        most = 3 if day.isoweekday() <= 5 else 1
        for number in range(int(r.random() * (most + 0.9)) if known else 0):
            _ticket(world, scene, day, known, day_code(day) * 100 + number)


def _ticket(world: World, scene: Scene, day: date, known: list[Life], number: int) -> None:
    r = scene.stream("ticket", number)
    life = known[int(r.random() * len(known))]
    opened = whole_second(scene.days.at(day, (7 + 15 * r.random()) * 3600))
    replied = None if r.random() < 0.04 else _answered(scene, opened, r)
    steps = [("nieuw", opened)]
    replies: list[datetime] = []
    closed = None
    if replied is None:
        closed = opened + timedelta(hours=int(30 + r.random() * 400))
        steps.append(("gesloten", closed))
    else:
        replies.append(replied)
        steps.append(("bezig", replied))
        closed = whole_second(replied + timedelta(hours=min(r.lognormvariate(2.4, 1.0), 240)))
        steps.append(("gesloten", closed))
        if r.random() < 0.07:
            again = closed + timedelta(hours=5 + int(r.random() * 60))
            replies.append(again + HOUR)
            closed = again + 9 * HOUR
            steps += [("bezig", again), ("gesloten", closed)]
    modified = {at for _, at in steps} | set(replies)
    world.tickets.append(
        Ticket(
            id=7_500_000_000 + number,
            subject=r.choice(SUBJECTS),
            priority=r.choice(PRIORITIES),
            pipeline="support",
            stages=tuple(steps),
            created_at=opened,
            first_reply_at=replied,
            closed_at=closed,
            category="PRODUCT_ISSUE",
            owner_id=FIRST_OWNER_ID + number % OWNERS,
            lead_id=lead_id(life),
            organisation_id=organisation_id(life),
            modified=tuple(sorted(modified)),
            archived_at=None,
            replies=tuple(replies),
        )
    )


def _answered(scene: Scene, opened: datetime, r: Random) -> datetime:
    """The first answer: after some business hours, or, one time in twelve, in the evening by a phone at hand."""
    if r.random() < 0.08:
        return whole_second(opened + timedelta(minutes=4 + int(r.random() * 50)))
    left = timedelta(hours=min(r.lognormvariate(0.4, 0.9), 30))
    day = scene.days.date_of(opened)
    while True:
        begin, end = (scene.days.at(day, hour * 3600) for hour in (OPENS, CLOSES))
        begin = max(begin, opened)
        if day.isoweekday() <= 5 and begin < end:
            if begin + left < end:
                return whole_second(begin + left)
            left -= end - begin
        day += DAY
