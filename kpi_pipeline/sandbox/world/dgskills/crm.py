"""Schools in the CRM: companies, contacts, deals through their pipeline, and demo meetings."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.dgskills.lives import Life
from kpi_pipeline.sandbox.world.dgskills.scene import HOUR, ROLLOUT_STARTS, WEEK, Scene
from kpi_pipeline.sandbox.world.model import (
    CrmOwner,
    Dated,
    Deal,
    Engagement,
    Lead,
    Organisation,
    Pipeline,
    PipelineStage,
    World,
)
from kpi_pipeline.sandbox.world.names import CITIES, person

STAGES = (
    ("gekwalificeerd", "Gekwalificeerd", "0.2", False),
    ("demo_gehouden", "Demo gehouden", "0.4", False),
    ("pilot", "Pilot", "0.6", False),
    ("offerte", "Offerte jaarcontract", "0.8", False),
    ("closedwon", "Gewonnen", "1.0", True),
    ("closedlost", "Verloren", "0.0", True),
)
OWNERS = 4
FIRST_OWNER_ID = 430_001
CAMPAIGN = "usp-rollout"
USP = "Aantoonbaarheid"
OTHER_REASONS = ("Gebruiksgemak", "Prijs", "Tijdwinst", "Privacy", "Aansluiting op kerndoelen", "Motivatie")


def pipeline() -> Pipeline:
    return Pipeline(
        "deals",
        "scholen",
        "Scholen",
        tuple(PipelineStage(id_, label, i, Decimal(p), closed) for i, (id_, label, p, closed) in enumerate(STAGES)),
    )


def organisation_id(life: Life) -> int:
    return 7_100_000_000 + life.code * 3


def lead_id(life: Life) -> int:
    return 7_200_000_000 + life.code * 3


def deal_id(life: Life) -> int:
    return 7_300_000_000 + life.code * 3


def fill(world: World, scene: Scene, lives: list[Life]) -> None:
    world.owners += [CrmOwner(FIRST_OWNER_ID + i, 60 + i, person(scene.stream("owner", i))) for i in range(OWNERS)]
    world.pipelines.append(pipeline())
    for life in lives:
        _school(world, scene, life)
        if life.qualified_at is not None:
            _deal(world, scene, life, life.qualified_at)
        if life.demo_at is not None and life.demo_booked_at is not None:
            _demos(world, scene, life, life.demo_booked_at, life.demo_at)
    _requests(world, scene, lives)
    world.engagements.sort(key=lambda each: (each.created_at, each.id))


def _school(world: World, scene: Scene, life: Life) -> None:
    r = scene.stream("crm school", life.code)
    steps: list[tuple[str, datetime]] = [("lead", life.created_at)]
    if life.qualified_at is not None:
        steps.append(("salesqualifiedlead", life.qualified_at))
        if r.random() < 0.06:  # thrown back and qualified once more: the first time counts
            back = life.qualified_at + DAY
            steps += [("lead", back), ("salesqualifiedlead", back + 2 * DAY)]
    if life.pilot_at is not None:
        steps.append(("opportunity", max(life.pilot_at, steps[-1][1] + HOUR)))
    if life.won and life.closed_at is not None:
        steps.append(("customer", max(life.closed_at, steps[-1][1] + HOUR)))
    custom: dict[str, Dated] = {
        "segment": ((life.segment, life.created_at),),
        "holiday_region": ((life.region, life.created_at),),
    }
    unqualified = life.qualified_at is None
    archived = life.created_at + 40 * DAY if unqualified and r.random() < 0.2 else None
    modified = tuple(dict.fromkeys(at for _, at in steps)) + (() if archived is None else (archived,))
    domain = f"school-{life.code}.example.nl"
    world.organisations.append(
        Organisation(
            id=organisation_id(life),
            name=life.name,
            domain=domain,
            industry="EDUCATION_MANAGEMENT",
            city=r.choice(CITIES),
            created_at=life.created_at,
            lifecycle=tuple(steps),
            modified=modified,
            archived_at=archived,
            custom=custom,
        )
    )
    world.leads.append(
        Lead(
            id=lead_id(life),
            person=person(r),
            organisation_id=organisation_id(life),
            created_at=life.created_at + timedelta(seconds=20),
            source=r.choice(("ORGANIC_SEARCH", "REFERRALS", "OFFLINE", "EMAIL_MARKETING")),
            owner_id=FIRST_OWNER_ID + life.code % OWNERS,
            lifecycle=(("lead", life.created_at + timedelta(seconds=20)),),
            lead_status=(),
            modified=(life.created_at + timedelta(seconds=20),),
        )
    )


def _deal(world: World, scene: Scene, life: Life, since: datetime) -> None:
    """The deal is made with the qualification; days are entered when they are agreed, live when it has come."""
    created = since + timedelta(minutes=3)
    steps: list[tuple[str, datetime]] = [("gekwalificeerd", created)]

    def step(stage: str, at: datetime) -> None:
        steps.append((stage, max(at, steps[-1][1] + timedelta(minutes=1))))

    if life.demo_at is not None and life.demo_fate in ("COMPLETED", "RESCHEDULED"):
        step("demo_gehouden", life.demo_at + (WEEK if life.demo_fate == "RESCHEDULED" else 0 * DAY) + 2 * HOUR)
    custom: dict[str, Dated] = {}
    if life.pilot_at is not None and life.go is not None and life.pilot_end is not None:
        step("pilot", life.pilot_at)
        custom["go_date"] = ((life.go.isoformat(), min(life.pilot_at, scene.days.at(life.go, 9 * 3600))),)
        custom["pilot_end"] = ((life.pilot_end.isoformat(), life.pilot_at),)
    if life.won and life.closed_at is not None:
        step("offerte", life.closed_at - 3 * DAY)
    closed_at = life.closed_at
    if closed_at is not None:
        step("closedwon" if life.won else "closedlost", closed_at)
        closed_at = steps[-1][1]
    if life.won and closed_at is not None and life.live is not None and life.contract_end is not None:
        custom["contract_months"] = ((str(life.months), closed_at),)
        custom["one_time_amount"] = ((str(life.one_time), closed_at),)
        custom["contract_end"] = ((life.contract_end.isoformat(), closed_at),)
        custom["live_date"] = ((life.live.isoformat(), scene.days.at(life.live, 15 * 3600)),)
    amount = Decimal(life.yearly * life.months) / 12 + life.one_time
    instants = {at for _, at in steps} | {at for dated in custom.values() for _, at in dated}
    r = scene.stream("crm deal", life.code)
    world.deals.append(
        Deal(
            id=deal_id(life),
            name=f"{life.name} {life.segment}",
            lead_id=lead_id(life),
            organisation_id=organisation_id(life),
            pipeline="scholen",
            stages=tuple(steps),
            amount=amount.quantize(Decimal("0.01")),
            currency="EUR",
            amount_home=amount.quantize(Decimal("0.01")),
            created_at=created,
            expected_close=created + timedelta(days=90 + int(r.random() * 30)),
            closed_at=closed_at,
            won=life.won,
            owner_id=FIRST_OWNER_ID + life.code % OWNERS,
            deal_type="newbusiness",
            booking_id=None,
            event_at=None,
            modified=tuple(sorted(instants)),
            custom=custom,
        )
    )


def _demos(world: World, scene: Scene, life: Life, booked: datetime, starts: datetime) -> None:
    r = scene.stream("demo", life.code)
    if life.demo_fate in ("CANCELED", "RESCHEDULED"):
        told = booked + (starts - booked) * 0.6
        told -= timedelta(microseconds=told.microsecond)
        _meeting(world, life, 0, booked, starts, ((life.demo_fate, told),))
        if life.demo_fate == "CANCELED":
            return
        booked, starts = told, starts + WEEK
    ends = starts + HOUR
    noted = ends + timedelta(minutes=int(5 + r.random() * (2900 if r.random() < 0.15 else 180)))
    fate = "NO_SHOW" if life.demo_fate == "NO_SHOW" else "COMPLETED"
    custom: dict[str, Dated] = {}
    if fate == "COMPLETED" and r.random() < 0.9:
        others = r.sample(OTHER_REASONS, 2)
        reasons = [USP, *others] if r.random() < 0.74 else [*others, r.choice(("Prijs", "Privacy"))]
        recorded = noted if r.random() < 0.8 else noted + 2 * DAY
        custom["top3_reasons"] = ((";".join(dict.fromkeys(reasons)), recorded),)
    _meeting(world, life, 1, booked, starts, ((fate, noted),), custom=custom)
    if life.pilot_at is not None and r.random() < 0.8:
        review = life.pilot_at + 35 * DAY
        outcome = (("COMPLETED", review + 2 * HOUR),)
        _meeting(world, life, 2, life.pilot_at, review, outcome, kind="Pilotreview")


def _requests(world: World, scene: Scene, lives: list[Life]) -> None:
    """Demos that schools asked for upon the new message: one in week 3 of the rollout, two in week 4, one later."""
    schools = [life for life in lives if life.qualified_at is not None]
    for number, day in enumerate((18, 22, 25, 29)):
        asked = scene.days.at(ROLLOUT_STARTS + day * DAY, (10 + number) * 3600)
        known = [life for life in schools if life.created_at < asked - 60 * DAY and life.pilot_at is None]
        if not known or not scene.starts_at <= asked < scene.horizon:
            continue
        campaign: Dated = ((CAMPAIGN, asked),)
        life = known[-1 - number]
        starts = asked + 6 * DAY
        _meeting(
            world, life, 4 + number, asked, starts, (("COMPLETED", starts + 3 * HOUR),), custom={"campaign": campaign}
        )


def _meeting(
    world: World, life: Life, number: int, booked: datetime, starts: datetime, outcomes: Dated, *,
    kind: str = "Demo", custom: dict[str, Dated] | None = None,
) -> None:  # fmt: skip
    own = {} if custom is None else custom
    instants = {booked, *(at for _, at in outcomes), *(at for dated in own.values() for _, at in dated)}
    world.engagements.append(
        Engagement(
            id=7_400_000_000 + life.code * 10 + number,
            kind="meeting",
            lead_id=lead_id(life),
            deal_id=deal_id(life),
            at=starts,
            created_at=booked,
            direction="outbound",
            automated=False,
            owner_id=FIRST_OWNER_ID + life.code % OWNERS,
            title=f"{kind} {life.name}",
            outcome=None,
            ends_at=starts + HOUR,
            modified=tuple(sorted(instants)),
            organisation_id=organisation_id(life),
            activity_type=kind,
            outcomes=outcomes,
            custom=own,
        )
    )
