"""The CRM's part of leads and bookings: who is a lead, who spoke to it, which deal and lead a booking came from."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import day_of_text, local_midnight
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

# hs_object_source of records that no person made: workflows, sequences, chat bots, marketing e-mail.
MACHINES = ("AUTOMATION_PLATFORM", "WORKFLOWS", "SEQUENCES", "BOT", "MARKETING_EMAIL", "AUTO_REPLY")


def leads(facts: FactTables) -> Table:
    """Contacts that count as leads: lead_id, created_at, qualified_at, source, owner_id.

    Deleted ones are gone from landing already; ids that were merged into another contact go here, because an id that
    vanished by a merge is not reported as deleted. `qualified_at` is the earliest entry into the qualified stage that
    was ever seen: HubSpot moves the date when a lead enters the stage again.
    """
    kept = unmerged(facts.records("hubspot", "contacts"))
    versions = facts.versions("hubspot", "contacts")
    entered = facts.named_column(versions, "hubspot", "qualified_stage", "entered_{}_at")
    first = versions.group_by(contact_id=versions.id).agg(qualified_at=epoch_ms(entered).min())
    found = kept.left_join(first, kept.id == first.contact_id)
    return found.select("qualified_at", "source", "owner_id", lead_id=found.id, created_at=epoch_ms(found.created_at))


def unmerged(rows: Table) -> Table:
    """Records that were not merged into another one."""
    merged = rows.filter(rows.merged_ids.notnull()).select(loser=rows.merged_ids.split(";").unnest())
    return rows.anti_join(merged, rows.id == merged.loser)


def outbound_contacts(facts: FactTables) -> Table:
    """Every call, e-mail and meeting that a person of ours made: lead_id, contacted_at."""
    calls = facts.records("hubspot", "calls")
    emails = facts.records("hubspot", "emails")
    meetings = facts.records("hubspot", "meetings")
    return ibis.union(
        _by_people(calls.filter(calls.direction == "OUTBOUND")),
        _by_people(emails.filter((emails.direction == "EMAIL") & emails.sequence_id.isnull())),
        _by_people(meetings.filter(meetings.outcome.coalesce("") != "CANCELED")),
    )


def _by_people(rows: Table) -> Table:
    human = rows.filter(~rows.source.coalesce("").isin(MACHINES))
    return human.select(lead_id=human.contact_ids.unnest(), contacted_at=epoch_ms(human.at.coalesce(human.created_at)))


def booked_deals(facts: FactTables) -> Table:
    """The deal of each booking: booking_id, deal_id, lead_id, lead_qualified, event_at.

    The lead is the deal's primary contact, if that is a lead. Two deals for one booking: the older record counts.
    """
    deals = facts.records("hubspot", "deals")
    booking_id = facts.named_column(deals, "hubspot", "booking_property").nullif("")
    event_date = facts.named_column(deals, "hubspot", "event_property")
    deals = deals.select(
        booking_id=booking_id,
        deal_id=deals.id,
        contact_id=deals.contact_id,
        created_at=deals.created_at,
        event_day=day_of_text(event_date.left(10)),
    )
    deals = deals.filter(deals.booking_id.notnull())
    rank = ibis.row_number().over(group_by=deals.booking_id, order_by=[deals.created_at, deals.deal_id])
    deals = deals.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    known = facts.once(leads).select("lead_id", "qualified_at")
    found = deals.left_join(known, deals.contact_id == known.lead_id)
    return found.select(
        "booking_id",
        "deal_id",
        lead_id=found.lead_id,
        lead_qualified=found.qualified_at.notnull(),
        event_at=local_midnight(found.event_day, facts.company.zone),
    )
