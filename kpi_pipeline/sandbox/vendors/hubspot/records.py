"""Contacts, companies, deals, tickets and survey answers: which HubSpot property holds what the world knows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind, Property
from kpi_pipeline.sandbox.vendors.hubspot.reading import (
    choice,
    common,
    current,
    custom,
    entered,
    exited,
    instant,
    number,
    text,
)
from kpi_pipeline.sandbox.vendors.hubspot.text import MILLISECOND, boolean, iso, iso_by, whole
from kpi_pipeline.sandbox.world.model import Dated, Lead, World


class Crm:
    """The CRM side of a world, with merged contacts resolved."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = ZoneInfo(world.zone)
        self.leads: dict[int, Lead] = {row.id: row for row in world.leads}

    @cached_property
    def merged_into(self) -> dict[int, list[Lead]]:
        """The contacts that were merged into each contact."""
        found: dict[int, list[Lead]] = defaultdict(list)
        for row in self.world.leads:
            if row.merged_into is not None:
                found[row.merged_into].append(row)
        return dict(found)

    def contact(self, lead_id: int | None, now: datetime) -> list[int]:
        """The contact that a lead is by now, as a list of one or none."""
        row = None if lead_id is None else self.leads.get(lead_id)
        while row is not None and row.merged_at is not None and row.merged_at <= now and row.merged_into is not None:
            row = self.leads[row.merged_into]
        return [] if row is None else [row.id]


def contacts(crm: Crm) -> Kind:
    def merged(row: Lead, now: datetime) -> str | None:
        losers = [each.id for each in crm.merged_into.get(row.id, ()) if each.merged_at and each.merged_at <= now]
        return ";".join(map(str, losers)) or None

    def lifecycle(row: Lead) -> Dated:
        return row.lifecycle

    def lead_status(row: Lead) -> Dated:
        return row.lead_status

    return Kind(
        "contacts",
        "contact",
        "0-1",
        crm.world.leads,
        {
            **common("createdate", "lastmodifieddate"),
            "email": text(lambda row: row.person.email),
            "firstname": text(lambda row: row.person.first_name),
            "lastname": text(lambda row: row.person.last_name),
            "phone": text(lambda row: row.person.phone),
            "city": text(lambda row: row.person.city),
            "country": text(lambda row: row.person.country),
            "lifecyclestage": choice(current(lifecycle)),
            "hs_lead_status": choice(current(lead_status)),
            "hs_analytics_source": choice(lambda row, _: row.source.upper()),
            "hubspot_owner_id": choice(lambda row, _: whole(row.owner_id)),
            "associatedcompanyid": number(lambda row, _: whole(row.organisation_id)),
            "hs_merged_object_ids": choice(merged),
        },
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        "createdate",
        "lastmodifieddate",
        lambda row: row.modified,
        families={"hs_v2_date_entered_": entered(lifecycle), "hs_v2_date_exited_": exited(lifecycle)},
        stages=_names(row.lifecycle for row in crm.world.leads),
        history={"lifecyclestage": lifecycle, "hs_lead_status": lead_status},
        links={"companies": lambda row, _: [] if row.organisation_id is None else [row.organisation_id]},
    )


def companies(crm: Crm) -> Kind:
    def lifecycle(row: Any) -> Dated:
        found: Dated = row.lifecycle
        return found

    return Kind(
        "companies",
        "company",
        "0-2",
        crm.world.organisations,
        {
            **custom(crm.world.organisations),
            **common("createdate", "hs_lastmodifieddate"),
            "name": text(lambda row: row.name),
            "domain": text(lambda row: row.domain),
            "industry": text(lambda row: row.industry),
            "city": text(lambda row: row.city),
            "lifecyclestage": choice(current(lifecycle)),
        },
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        "createdate",
        "hs_lastmodifieddate",
        lambda row: row.modified,
        families={"hs_v2_date_entered_": entered(lifecycle), "hs_v2_date_exited_": exited(lifecycle)},
        stages=_names(row.lifecycle for row in crm.world.organisations),
        history={"lifecyclestage": lifecycle},
    )


def deals(crm: Crm) -> Kind:
    def stages(row: Any) -> Dated:
        found: Dated = row.stages
        return found

    def closed(row: Any, now: datetime) -> bool:
        return row.closed_at is not None and row.closed_at <= now

    def constant(name: str) -> Property:
        return text(lambda row: row.properties.get(name))

    def event_date(row: Any, _: datetime) -> str | None:
        return None if row.event_at is None else row.event_at.astimezone(crm.zone).date().isoformat()

    def days_to_close(row: Any, now: datetime) -> str | None:
        return str((row.closed_at - row.created_at).days) if closed(row, now) else None

    names = {name for row in crm.world.deals for name in row.properties}
    return Kind(
        "deals",
        "deal",
        "0-3",
        crm.world.deals,
        {
            **{name: constant(name) for name in sorted(names)},
            **custom(crm.world.deals),
            **common("createdate", "hs_lastmodifieddate"),
            "dealname": text(lambda row: row.name),
            "amount": number(lambda row, _: _money(row.amount)),
            "amount_in_home_currency": number(lambda row, _: _money(row.amount_home)),
            "deal_currency_code": choice(lambda row, _: row.currency.upper()),
            "pipeline": choice(lambda row, _: row.pipeline),
            "dealstage": choice(current(stages)),
            "dealtype": choice(lambda row, _: row.deal_type),
            "closedate": instant(lambda row, now: iso(row.closed_at if closed(row, now) else row.expected_close)),
            "days_to_close": number(days_to_close),
            "hs_is_closed": Property("bool", lambda row, now: boolean(closed(row, now))),
            "hs_is_closed_won": Property("bool", lambda row, now: boolean(closed(row, now) and bool(row.won))),
            "hubspot_owner_id": choice(lambda row, _: whole(row.owner_id)),
            "booking_id": Property("string", lambda row, now: row.booking_id if closed(row, now) else None),
            "event_date": Property("date", event_date),
        },
        ("amount", "closedate", "createdate", "dealname", "dealstage", "pipeline"),
        "createdate",
        "hs_lastmodifieddate",
        lambda row: row.modified,
        families={"hs_v2_date_entered_": entered(stages), "hs_v2_date_exited_": exited(stages)},
        stages=_names(row.stages for row in crm.world.deals),
        history={"dealstage": stages},
        links={
            "contacts": lambda row, now: crm.contact(row.lead_id, now),
            "companies": lambda row, _: [] if row.organisation_id is None else [row.organisation_id],
        },
    )


def tickets(crm: Crm) -> Kind:
    def stages(row: Any) -> Dated:
        found: Dated = row.stages
        return found

    closed_stages = {
        stage.id for each in crm.world.pipelines if each.object == "tickets" for stage in each.stages if stage.is_closed
    }

    def elapsed(row: Any, until: datetime | None, now: datetime) -> str | None:
        return None if until is None or until > now else str((until - row.created_at) // MILLISECOND)

    def closed(row: Any, now: datetime) -> datetime | None:
        """The last closing, unless the ticket was reopened since."""
        steps = [(name in closed_stages, at) for name, at in row.stages if at <= now]
        return steps[-1][1] if steps and steps[-1][0] else None

    def reopened(row: Any, now: datetime) -> str | None:
        steps = [(name in closed_stages, at) for name, at in row.stages if at <= now]
        again = [at for (was_closed, _), (is_closed, at) in pairwise(steps) if was_closed and not is_closed]
        return iso(again[-1]) if again else None

    def replies(row: Any, now: datetime) -> str:
        return str(sum(at <= now for at in row.replies or (row.first_reply_at,) if at is not None))

    return Kind(
        "tickets",
        "ticket",
        "0-5",
        crm.world.tickets,
        {
            **custom(crm.world.tickets),
            **common("createdate", "hs_lastmodifieddate"),
            "subject": text(lambda row: row.subject),
            "content": text(lambda _: None),
            "hs_pipeline": choice(lambda row, _: row.pipeline),
            "hs_pipeline_stage": choice(current(stages)),
            "hs_ticket_priority": choice(lambda row, _: row.priority),
            "hs_ticket_category": choice(lambda row, _: row.category),
            "hubspot_owner_id": choice(lambda row, _: whole(row.owner_id)),
            "source_type": choice(lambda *_: "EMAIL"),
            "closed_date": instant(lambda row, now: iso_by(closed(row, now), now)),
            "time_to_close": number(lambda row, now: elapsed(row, closed(row, now), now)),
            "last_reopened_date": instant(reopened),
            "hs_num_times_contacted": number(replies),
            "first_agent_reply_date": instant(lambda row, now: iso_by(row.first_reply_at, now)),
            "time_to_first_agent_reply": number(lambda row, now: elapsed(row, row.first_reply_at, now)),
        },
        ("content", "createdate", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "subject"),
        "createdate",
        "hs_lastmodifieddate",
        lambda row: row.modified,
        families={"hs_v2_date_entered_": entered(stages), "hs_v2_date_exited_": exited(stages)},
        stages=_names(row.stages for row in crm.world.tickets),
        history={"hs_pipeline_stage": stages},
        links={
            "contacts": lambda row, now: crm.contact(row.lead_id, now),
            "companies": lambda row, _: [] if row.organisation_id is None else [row.organisation_id],
        },
    )


def _names(lives: Any) -> tuple[str, ...]:
    return tuple(sorted({name for dated in lives for name, _ in dated}))


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
