"""Which leads the CRM shows, and when each was qualified and first contacted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.sandbox.world.model import World

QUALIFIED_STAGE = "salesqualifiedlead"
HUMAN_CONTACT = ("call", "email", "meeting")


@dataclass(frozen=True, slots=True)
class KnownLead:
    id: int
    created_at: datetime
    qualified_at: datetime | None
    first_contact_at: datetime | None


def passed(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def leads(world: World, now: datetime) -> dict[int, KnownLead]:
    """Leads that exist at `now`: archived and merged-away ones count nowhere, on no day."""
    created = {
        lead.id: lead.created_at
        for lead in world.leads
        if lead.created_at <= now and not passed(lead.archived_at, now) and not passed(lead.merged_at, now)
    }
    contacted: dict[int, datetime] = {}
    for engagement in world.engagements:
        if engagement.created_at > now or passed(engagement.archived_at, now):
            continue
        if engagement.kind not in HUMAN_CONTACT or engagement.direction != "outbound" or engagement.automated:
            continue
        lead_id, at = engagement.lead_id, engagement.at
        if lead_id in created and at >= created[lead_id] and (lead_id not in contacted or at < contacted[lead_id]):
            contacted[lead_id] = at
    found = {}
    for lead in world.leads:
        if lead.id in created:
            entries = [at for stage, at in lead.lifecycle if stage == QUALIFIED_STAGE and at <= now]
            found[lead.id] = KnownLead(
                lead.id, lead.created_at, min(entries) if entries else None, contacted.get(lead.id)
            )
    return found
