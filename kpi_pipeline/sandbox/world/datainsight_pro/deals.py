"""The sales team's deals in the CRM: contacts with their first touch, stages, values, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.datainsight_pro.tenants import Tenant
from kpi_pipeline.sandbox.world.days import DAY, day_code
from kpi_pipeline.sandbox.world.model import CrmOwner, Dated, Deal, Lead, Pipeline, PipelineStage, World
from kpi_pipeline.sandbox.world.names import person

HOUR = timedelta(hours=1)
STAGES = (
    ("appointmentscheduled", "Meeting planned", "0.2", False),
    ("qualifiedtobuy", "Qualified", "0.4", False),
    ("presentationscheduled", "Demo", "0.6", False),
    ("contractsent", "Contract sent", "0.9", False),
    ("closedwon", "Won", "1.0", True),
    ("closedlost", "Lost", "0.0", True),
)
SOURCES = (
    ("organic_search",) * 5
    + ("social_media",) * 2
    + ("paid_search",) * 4
    + ("referrals",) * 3
    + ("direct_traffic",) * 4
)
OWNERS, FIRST_OWNER = 5, 440_100
DEALS_A_DAY, COLD_A_DAY = 1.1, 1.7
WINS = 0.5
EUR_IN_USD = Decimal("1.13")


def fill(world: World, scene: Scene, tenants: list[Tenant]) -> None:
    world.owners += [CrmOwner(FIRST_OWNER + n, 60_000 + n, person(scene.stream("owner", n))) for n in range(OWNERS)]
    stages = tuple(PipelineStage(id_, label, n, Decimal(p), closed) for n, (id_, label, p, closed) in enumerate(STAGES))
    world.pipelines.append(Pipeline("deals", "default", "Sales", stages))
    for day in scene.all_days():
        r = scene.stream("deals", day)
        expected = DEALS_A_DAY * (1.3 if day.weekday() < 5 else 0.2)
        for index in range(int(expected) + (r.random() < expected % 1)):
            _add(world, scene, tenants, day, index)
        _cold(world, scene, day)


def _add(world: World, scene: Scene, tenants: list[Tenant], day: date, index: int) -> None:
    r = scene.stream("deal", day, index)
    opened = scene.days.at(day, int((7 + 11 * r.random()) * 3600))
    identifier = day_code(day) * 1_000 + index
    known = [tenant for tenant in tenants[:400] if tenant.signed_up_at < opened]
    tenant = known[int(r.random() * len(known))] if known and r.random() < 0.7 else None
    owner = FIRST_OWNER + int(r.random() * OWNERS)
    contact = _contact(identifier, opened, tenant, owner, r)
    qualified = r.random() < 0.78
    won = qualified and r.random() < WINS
    takes = min(timedelta(days=r.lognormvariate(3.4, 0.5)), 150 * DAY) if qualified else between(r, DAY, 15 * DAY)
    closed = (opened + takes).replace(microsecond=0)
    stages = _stages(opened, closed, r, qualified=qualified, won=won)
    archived = closed + 12 * DAY if r.random() < 0.015 else None
    world.leads.append(_customer(contact, closed) if won else contact)
    world.deals.append(_deal(identifier, tenant, stages, owner, archived, r, won=won))


def _cold(world: World, scene: Scene, day: date) -> None:
    """Leads that sales never takes up: half of them pass marketing, none becomes a deal."""
    r = scene.stream("cold leads", day)
    expected = COLD_A_DAY * (1.3 if day.weekday() < 5 else 0.25)
    for index in range(int(expected) + (r.random() < expected % 1)):
        created = scene.days.at(day, int((6 + 15 * r.random()) * 3600))
        warm = [("marketingqualifiedlead", created + between(r, HOUR, 20 * DAY))] if r.random() < 0.5 else []
        world.leads.append(
            Lead(
                id=day_code(day) * 1_000 + 500 + index,
                person=person(r, "GB"),
                organisation_id=None,
                created_at=created,
                source=SOURCES[int(r.random() * len(SOURCES))],
                owner_id=FIRST_OWNER + int(r.random() * OWNERS),
                lifecycle=(("lead", created), *warm),
                lead_status=(("NEW", created),),
                modified=(created, *(at for _, at in warm)),
            )
        )


def _customer(lead: Lead, won_at: datetime) -> Lead:
    return replace(lead, lifecycle=(*lead.lifecycle, ("customer", won_at)), modified=(*lead.modified, won_at))


def _contact(identifier: int, opened: datetime, tenant: Tenant | None, owner: int, r: Random) -> Lead:
    created = opened - between(r, HOUR, 9 * DAY)
    marketed = created + (opened - created) / 2
    return Lead(
        id=identifier,
        person=person(r, "GB"),
        organisation_id=None if tenant is None else tenant.organisation_id,
        created_at=created,
        source=SOURCES[int(r.random() * len(SOURCES))],
        owner_id=owner,
        lifecycle=(("lead", created), ("marketingqualifiedlead", marketed), ("salesqualifiedlead", opened)),
        lead_status=(("NEW", created),),
        modified=(created, marketed, opened),
    )


def _deal(
    identifier: int, tenant: Tenant | None, stages: Dated, owner: int, archived: datetime | None, r: Random, *,
    won: bool,
) -> Deal:  # fmt: skip
    """A yearly amount for 6 to 36 months and perhaps a fee for setting up; in one of nine deals in euros."""
    term = r.choice((6, 12, 12, 12, 24, 36))
    annual = Decimal(round(r.lognormvariate(9.35, 0.45) / 10) * 10)
    one_time = Decimal(int(r.random() * 8) * 500) if r.random() < 0.35 else Decimal(0)
    amount = (annual * term / 12 + one_time).quantize(Decimal("0.01"))
    euro = r.random() < 0.11
    kind = r.random()
    created, closed = stages[0][1], stages[-1][1]
    properties = {"contract_months": str(term), "one_time_amount": f"{one_time:.2f}"}
    if r.random() < 0.04:
        properties["is_duplicate"] = "true"
    return Deal(
        id=identifier,
        name=f"Deal {identifier}",
        lead_id=identifier,
        organisation_id=None if tenant is None else tenant.organisation_id,
        pipeline="default",
        stages=stages,
        amount=amount,
        currency="EUR" if euro else "USD",
        amount_home=(amount * EUR_IN_USD).quantize(Decimal("0.01")) if euro else amount,
        created_at=created,
        expected_close=closed + between(r, -6 * DAY, 6 * DAY),
        closed_at=closed,
        won=won,
        owner_id=owner,
        deal_type="newbusiness" if kind < 0.68 else "existingbusiness" if kind < 0.88 else "renewal",
        booking_id=None,
        event_at=None,
        modified=tuple(at for _, at in stages) if archived is None else (*(at for _, at in stages), archived),
        archived_at=archived,
        properties=properties,
    )


def _stages(opened: datetime, closed: datetime, r: Random, *, qualified: bool, won: bool) -> Dated:
    """Qualified deals go through the stages in order; lost ones may skip the rest, others never qualify."""
    last = 4 if won else 2 + int(r.random() * 3) if qualified else 1
    marks = sorted(r.random() for _ in range(last - 1))
    entered = [opened, *(opened + (closed - opened) * mark for mark in marks), closed]
    names = [STAGES[n][0] for n in range(last)] + ["closedwon" if won else "closedlost"]
    return tuple(
        (name, at.replace(microsecond=at.microsecond // 1000 * 1000)) for name, at in zip(names, entered, strict=True)
    )
