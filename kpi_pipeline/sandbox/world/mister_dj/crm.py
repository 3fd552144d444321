"""Leads from form to qualification, and what each of them becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even
from kpi_pipeline.sandbox.world.days import DAY, day_code
from kpi_pipeline.sandbox.world.mister_dj import deals, demand
from kpi_pipeline.sandbox.world.mister_dj.contact import Log
from kpi_pipeline.sandbox.world.mister_dj.offer import OCCASIONS, Contract
from kpi_pipeline.sandbox.world.mister_dj.organisations import POOL, pool_id
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import Dated, Lead, Person, World
from kpi_pipeline.sandbox.world.names import person

SOURCES = ("website", "website", "website", "google_ads", "google_ads", "instagram", "referral", "phone")
HOUR = timedelta(hours=1)
FAIR_LEADS = 236
CLOCK_CHANGE_HOURS = (1.5, 2.25, 2.5, 3.0, 3.5)  # after midnight, in elapsed hours: on both sides of the change

# Shares of leads by fate. Booking and qualifying are one even draw, so that conversion follows its story closely.
BOOKS = 0.178
QUALIFIES = 0.52
SPAM = 0.008
DUPLICATE = 0.005
FORGOTTEN = 0.0025


@dataclass(frozen=True, slots=True)
class Arrival:
    """A filled-in form: the start of a lead."""

    day: date
    index: int
    at: datetime
    source: str
    lead_id: int


def fill(world: World, scene: Scene) -> list[Contract]:
    """Add every lead with its engagements and deal to `world`; the contracts signed."""
    contracts: list[Contract] = []
    for day in scene.all_days():
        winner: int | None = None  # where in world.leads the day's latest real lead stands
        for arrival in _arrivals(scene, day):
            r = scene.stream("lead", day, arrival.index)
            draw = r.random() if arrival.source != "wedding_fair" else 1.0
            if draw < SPAM:
                _spam(world, scene, arrival, r)
            elif draw < SPAM + DUPLICATE and winner is not None:
                _duplicate(world, scene, arrival, r, winner)
            else:
                winner = len(world.leads)
                contract = _real(world, scene, arrival, r)
                contracts += [contract] if contract else []
    return contracts


def _arrivals(scene: Scene, day: date) -> list[Arrival]:
    code = day_code(day) * 10_000
    found = []

    def arrive(index: int, at: datetime, source: str = "website") -> None:
        found.append(Arrival(day, index, at, source, code + index))

    r = scene.stream("arrivals", day)
    for index in range(demand.leads_on(day, r)):
        arrive(index, scene.days.at(day, demand.time_of_day(r)), r.choice(SOURCES))
    midnight = scene.days.start(day)
    if scene.days.changes(day, day):
        for index, hours in enumerate(CLOCK_CHANGE_HOURS):
            arrive(900 + index, midnight + hours * HOUR)
    if day.day == 1:
        arrive(910, midnight)  # exactly on the border of two months
    if midnight < scene.story.fair < midnight + DAY:
        for index in range(FAIR_LEADS):
            arrive(1000 + index, scene.story.fair, "wedding_fair")
    return found


def _spam(world: World, scene: Scene, arrival: Arrival, r: Random) -> None:
    """A nonsense form: nobody answers and it is deleted the next morning."""
    archived = scene.days.at(arrival.day + DAY, 9 * 3600 + r.random() * 7200)
    world.leads.append(_lead(scene, arrival, person(r), archived_at=archived))


def _duplicate(world: World, scene: Scene, arrival: Arrival, r: Random, winner: int) -> None:
    """The same visitor pressed twice: the second record is merged into the first."""
    first = world.leads[winner]
    merged = max(arrival.at, first.created_at) + between(r, HOUR / 12, 2 * HOUR)
    world.leads[winner] = replace(first, modified=tuple(sorted({*first.modified, merged})))
    world.leads.append(_lead(scene, arrival, first.person, merged_into=first.id, merged_at=merged))


def _real(world: World, scene: Scene, arrival: Arrival, r: Random) -> Contract | None:
    who = person(r, "GB" if r.random() < 0.03 else "NL")
    log = Log(world, scene, arrival.lead_id, r)
    fate = even(scene.seed, "fate", arrival.day, arrival.index, 29)
    if fate >= QUALIFIES and r.random() < FORGOTTEN:
        log.auto_reply(arrival.at)
        world.leads.append(_lead(scene, arrival, who))
        return None
    first = log.first_contact(arrival.at)
    lifecycle: Dated = ()
    status: Dated = (("IN_PROGRESS", first),)
    if r.random() < 0.4:
        lifecycle = (("marketingqualifiedlead", first + between(r, HOUR / 30, HOUR)),)
    if fate >= QUALIFIES:
        log.follow_up(first, 2)
        status = (*status, ("UNQUALIFIED", first + between(r, 3 * HOUR, 9 * DAY)))
        world.leads.append(_lead(scene, arrival, who, lifecycle, status))
        return None

    qualified = first + between(r, HOUR * 1.1, 30 * HOUR)
    if not (fate < BOOKS and r.random() < 0.01):  # one in a hundred books on the phone, never marked as qualified
        lifecycle = (*lifecycle, ("salesqualifiedlead", qualified))
    log.follow_up(qualified, 4)
    organisation = pool_id(int(r.random() * POOL)) if r.random() < 0.25 else None
    contract = None
    if fate < BOOKS or r.random() < 0.8:
        prospect = deals.Prospect(
            arrival.day, arrival.index, arrival.lead_id, organisation, who, log.owner_id, r.choice(OCCASIONS)
        )
        contract = deals.add(world, scene, prospect, qualified, r, books=fate < BOOKS)
        opened = world.deals[-1].created_at
        lifecycle = (*lifecycle, ("opportunity", opened))
        status = (*status, ("OPEN_DEAL", opened))
    if contract is not None:
        lifecycle = (*lifecycle, ("customer", contract.signed_at))
    elif r.random() < 0.01:  # cooled down and came back: the first qualification counts
        again = qualified + between(r, 46 * DAY, 80 * DAY)
        lifecycle = (*lifecycle, ("lead", again), ("salesqualifiedlead", again + 2 * DAY))
    world.leads.append(_lead(scene, arrival, who, lifecycle, status, organisation))
    return contract


def _lead(
    scene: Scene,
    arrival: Arrival,
    who: Person,
    lifecycle: Dated = (),
    status: Dated = (),
    organisation_id: int | None = None,
    *,
    archived_at: datetime | None = None,
    merged_into: int | None = None,
    merged_at: datetime | None = None,
) -> Lead:
    touched = {arrival.at, *(at for _, at in lifecycle), *(at for _, at in status)}
    touched |= {at for at in (archived_at, merged_at) if at is not None}
    if timedelta() < scene.story.bulk_edit - arrival.at < 13 * DAY and archived_at is None and merged_at is None:
        touched.add(scene.story.bulk_edit)
    return Lead(
        id=arrival.lead_id,
        person=who,
        organisation_id=organisation_id,
        created_at=arrival.at,
        source=arrival.source,
        owner_id=Log.owner_for(arrival.lead_id),
        lifecycle=(("lead", arrival.at), *lifecycle),
        lead_status=(("NEW", arrival.at), *status),
        modified=tuple(sorted(touched)),
        archived_at=archived_at,
        merged_into=merged_into,
        merged_at=merged_at,
    )
