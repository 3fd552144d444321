"""Tickets of customers, and what they thought of the help."""

from __future__ import annotations

from datetime import date, timedelta

from kpi_pipeline.sandbox.world.days import DAY, day_code, whole_second
from kpi_pipeline.sandbox.world.mister_dj.contact import FIRST_OWNER_ID
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import Dated, Feedback, Lead, Pipeline, PipelineStage, Ticket, World

HOUR = timedelta(hours=1)
STAGES = (
    ("1", "Nieuw", False),
    ("2", "Wacht op klant", False),
    ("3", "In behandeling", False),
    ("4", "Gesloten", True),
)
SUBJECTS = (
    "Factuur klopt niet",
    "Datum verzetten",
    "Muziekwensen doorgeven",
    "Locatie gewijzigd",
    "Inloggen lukt niet",
)
CATEGORIES = ("BILLING_ISSUE", "GENERAL_INQUIRY", "FEATURE_REQUEST", "GENERAL_INQUIRY", "PRODUCT_ISSUE")
PRIORITIES = ("LOW", "MEDIUM", "MEDIUM", "HIGH", "URGENT")


def pipeline() -> Pipeline:
    stages = tuple(PipelineStage(id_, label, i, None, closed) for i, (id_, label, closed) in enumerate(STAGES))
    return Pipeline("tickets", "0", "Support", stages)


def fill(world: World, scene: Scene) -> None:
    known: list[Lead] = []
    position = 0
    for day in scene.all_days():
        while position < len(world.leads) and world.leads[position].created_at < scene.days.start(day - 7 * DAY):
            lead = world.leads[position]
            if lead.lifecycle[-1][0] == "customer":
                known.append(lead)
            position += 1
        for number in range(2 + int(scene.stream("tickets", day).random() * 4) if known else 0):
            _ticket(world, scene, day, known[-60:], day_code(day) * 1000 + number)


def _ticket(world: World, scene: Scene, day: date, customers: list[Lead], identifier: int) -> None:
    r = scene.stream("ticket", identifier)
    lead = r.choice(customers)
    opened = scene.days.start(day) + between(r, 7 * HOUR, 22 * HOUR)
    replied = opened + timedelta(hours=r.lognormvariate(0.6, 0.8))
    closed = replied + timedelta(hours=r.lognormvariate(2.2, 1.0))
    opened, replied, closed = whole_second(opened), whole_second(replied), whole_second(closed)
    topic = int(r.random() * len(SUBJECTS))
    stages: Dated = (("1", opened), ("3", replied), ("4", closed))
    if r.random() < 0.25:
        waiting = whole_second(replied + (closed - replied) // 2)
        stages = (("1", opened), ("3", replied), ("2", waiting), ("4", closed))
    world.tickets.append(
        Ticket(
            id=identifier,
            subject=SUBJECTS[topic],
            priority=r.choice(PRIORITIES),
            pipeline="0",
            stages=stages,
            created_at=opened,
            first_reply_at=replied,
            closed_at=closed,
            category=CATEGORIES[topic],
            owner_id=FIRST_OWNER_ID + int(r.random() * 8),
            lead_id=lead.id,
            organisation_id=lead.organisation_id,
            modified=tuple(at for _, at in stages),
            archived_at=closed + 5 * DAY if r.random() < 0.01 else None,
        )
    )
    if r.random() < 0.5:
        at = closed + between(r, HOUR, 30 * HOUR)
        survey = "CSAT" if r.random() < 0.8 else "NPS"
        value = int(r.random() ** 0.35 * 3) if survey == "CSAT" else 10 - min(10, int(r.expovariate(0.6)))
        world.feedback.append(Feedback(identifier, "5" if survey == "CSAT" else "6", survey, value, lead.id, at))
