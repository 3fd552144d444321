"""Deals through their stages, won ones with the contract that billing carries out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kpi_pipeline.sandbox.world.days import DAY, day_code, whole_second
from kpi_pipeline.sandbox.world.mister_dj import offer
from kpi_pipeline.sandbox.world.mister_dj.contact import CLOSES, FIRST_OWNER_ID, OPENS, OWNERS
from kpi_pipeline.sandbox.world.mister_dj.offer import OCCASIONS, Contract
from kpi_pipeline.sandbox.world.mister_dj.organisations import POOL, pool_id
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import Dated, Deal, Person, Pipeline, PipelineStage, World
from kpi_pipeline.sandbox.world.names import person

HOUR = timedelta(hours=1)
GBP_PER_EUR = Decimal("0.86")
STAGES = (
    ("appointmentscheduled", "Intake gepland", "0.2", False),
    ("qualifiedtobuy", "Offerte gemaakt", "0.4", False),
    ("presentationscheduled", "Offerte besproken", "0.6", False),
    ("contractsent", "Contract verstuurd", "0.9", False),
    ("closedwon", "Geboekt", "1.0", True),
    ("closedlost", "Niet geboekt", "0.0", True),
)
REPEAT_A_DAY = 0.42


def pipeline() -> Pipeline:
    return Pipeline(
        "deals",
        "default",
        "Boekingen",
        tuple(PipelineStage(id_, label, i, Decimal(p), closed) for i, (id_, label, p, closed) in enumerate(STAGES)),
    )


@dataclass(frozen=True, slots=True)
class Prospect:
    """Who asks for what: the part of a deal that is known before it is won or lost."""

    day: date
    index: int
    lead_id: int | None
    organisation_id: int | None
    person: Person
    owner_id: int
    occasion: str


def add(world: World, scene: Scene, prospect: Prospect, since: datetime, r: Random, *, books: bool) -> Contract | None:
    """Add the deal that `prospect` leads to from `since` on; the contract if it is won."""
    opened = since + between(r, HOUR / 60, HOUR / 2)
    takes = min(timedelta(days=r.lognormvariate(1.35, 0.65)), 34 * DAY) if books else between(r, 4 * DAY, 45 * DAY)
    closed = scene.days.after_open(opened + takes, between(r, timedelta(), 2 * HOUR), OPENS, CLOSES)
    closed = whole_second(closed)
    currency = "gbp" if prospect.person.country == "GB" else "eur"
    cheap = scene.story.within(prospect.day, scene.story.cheap_bookings)
    items = offer.order(r, prospect.occasion, currency=currency, factor=0.83 if cheap else 1.0)
    event_day = _event_day(scene, closed, r)
    booking_id = f"B-{prospect.day:%y%m%d}-{prospect.index:04d}" if books else None
    amount = Decimal(sum(item.amount - item.discount for item in items)) / 100
    stages = _stages(opened, closed, r, won=books)
    identifier = day_code(prospect.day) * 100_000 + prospect.index
    archived = closed + 20 * DAY if not books and r.random() < 0.02 else None
    world.deals.append(
        Deal(
            id=identifier,
            name=f"{prospect.person.last_name} {prospect.occasion} {event_day:%d-%m-%Y}",
            lead_id=prospect.lead_id,
            organisation_id=prospect.organisation_id,
            pipeline="default",
            stages=stages,
            amount=amount,
            currency=currency.upper(),
            amount_home=amount if currency == "eur" else (amount / GBP_PER_EUR).quantize(Decimal("0.01")),
            created_at=opened,
            expected_close=closed + between(r, -5 * DAY, 5 * DAY),
            closed_at=closed,
            won=books,
            owner_id=prospect.owner_id,
            deal_type="newbusiness" if prospect.lead_id is not None else "existingbusiness",
            booking_id=booking_id,
            event_at=scene.days.at(event_day, 20 * 3600),
            modified=tuple(at for _, at in stages) if archived is None else (*(at for _, at in stages), archived),
            archived_at=archived,
            properties={"occasion": prospect.occasion},
        )
    )
    if booking_id is None:
        return None
    return Contract(
        ("booking", booking_id),
        booking_id,
        prospect.lead_id,
        prospect.organisation_id,
        prospect.person,
        closed,
        event_day,
        currency,
        items,
    )


def repeat_bookings(world: World, scene: Scene) -> list[Contract]:
    """Bookings of known customers that no lead preceded; every second one has a deal."""
    found = []
    for day in scene.all_days():
        r = scene.stream("repeat", day)
        if r.random() >= REPEAT_A_DAY:
            continue
        organisation = pool_id(int(r.random() * POOL)) if r.random() < 0.7 else None
        owner = FIRST_OWNER_ID + int(r.random() * (OWNERS - 1))
        who = Prospect(day, 9000, None, organisation, person(r), owner, r.choice(OCCASIONS))
        since = scene.days.at(day, 10 * 3600 + r.random() * 6 * 3600)
        if r.random() < 0.5:
            contract = add(world, scene, who, since, r, books=True)
            found += [contract] if contract else []
        else:
            booking_id = f"B-{day:%y%m%d}-R"
            signed = whole_second(since)
            items = offer.order(r, who.occasion, currency="eur", factor=1.0)
            event_day = _event_day(scene, signed, r)
            key = ("booking", booking_id)
            found.append(Contract(key, booking_id, None, organisation, who.person, signed, event_day, "eur", items))
    return found


def _stages(opened: datetime, closed: datetime, r: Random, *, won: bool) -> Dated:
    """Each stage at its instant; lost deals may end before a contract was sent."""
    last = 4 if won else 1 + int(r.random() * 4)
    marks = sorted(r.random() for _ in range(last - 1))
    entered = [opened, *(opened + (closed - opened) * mark for mark in marks), closed]
    names = [STAGES[i][0] for i in range(last)] + ["closedwon" if won else "closedlost"]
    return tuple(
        (name, at.replace(microsecond=at.microsecond // 1000 * 1000)) for name, at in zip(names, entered, strict=True)
    )


def _event_day(scene: Scene, signed: datetime, r: Random) -> date:
    """One week to three months ahead, three of four on a Friday or Saturday."""
    day = scene.days.date_of(signed) + timedelta(days=int(7 + 75 * r.random() ** 1.4))
    if r.random() < 0.75:
        day += timedelta(days=(4 + int(r.random() * 2) - day.weekday()) % 7)
    return day
