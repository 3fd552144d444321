"""Calls, e-mails, meetings and survey answers, and the kinds of object that this account has none of.

A record that a workflow or a sequence made says so in hs_object_source(_label): AUTOMATION_PLATFORM instead of CRM_UI.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind, Property
from kpi_pipeline.sandbox.vendors.hubspot.reading import choice, common, current, custom, instant, number, text
from kpi_pipeline.sandbox.vendors.hubspot.records import Crm
from kpi_pipeline.sandbox.vendors.hubspot.text import MILLISECOND, iso, whole
from kpi_pipeline.sandbox.world.model import Feedback

EMPTY = {"line_items": ("line_item", "0-8"), "products": ("product", "0-7"), "quotes": ("quote", "0-14")} | {
    "goal_targets": ("goal_target", "0-74"),
    "leads": ("lead", "0-136"),
}
DETRACTOR_TO, PASSIVE_TO = 6, 8


def calls(crm: Crm) -> Kind:
    return _activity(
        crm,
        "calls",
        "0-48",
        {
            "hs_call_direction": choice(lambda row, _: row.direction.upper()),
            "hs_call_disposition": choice(lambda row, _: row.outcome),
            "hs_call_duration": number(_duration),
            "hs_call_status": choice(lambda *_: "COMPLETED"),
            "hs_call_title": text(lambda row: row.title),
        },
    )


def emails(crm: Crm) -> Kind:
    """HubSpot's direction of a mail is EMAIL (sent) or INCOMING_EMAIL."""
    return _activity(
        crm,
        "emails",
        "0-49",
        {
            "hs_email_direction": choice(lambda row, _: "INCOMING_EMAIL" if row.direction == "inbound" else "EMAIL"),
            "hs_email_status": choice(lambda *_: "SENT"),
            "hs_email_subject": text(lambda row: row.title),
        },
    )


def meetings(crm: Crm) -> Kind:
    def outcome(row: Any, now: datetime) -> str | None:
        found: str | None = row.outcome
        if row.outcomes:
            found = current(lambda each: each.outcomes)(row, now)
            return "SCHEDULED" if found is None else found
        return found if row.at <= now else "SCHEDULED"

    return _activity(
        crm,
        "meetings",
        "0-47",
        {
            "hs_meeting_title": text(lambda row: row.title),
            "hs_meeting_start_time": instant(lambda row, _: iso(row.at)),
            "hs_meeting_end_time": instant(lambda row, _: None if row.ends_at is None else iso(row.ends_at)),
            "hs_meeting_outcome": choice(outcome),
            "hs_activity_type": choice(lambda row, _: row.activity_type),
        },
    )


def feedback_submissions(crm: Crm) -> Kind:
    """Read-only answers to HubSpot's own surveys."""
    return Kind(
        "feedback_submissions",
        "feedback_submission",
        "0-19",
        crm.world.feedback,
        {
            "hs_object_id": number(lambda row, _: str(row.id)),
            "hs_createdate": instant(lambda row, _: iso(row.at)),
            "hs_lastmodifieddate": instant(lambda row, _: iso(row.at)),
            "hs_submission_timestamp": instant(lambda row, _: iso(row.at)),
            "hs_survey_id": text(lambda row: row.survey_id),
            "hs_survey_type": choice(lambda row, _: row.survey_type),
            "hs_survey_channel": choice(lambda *_: "EMAIL"),
            "hs_value": number(lambda row, _: str(row.value)),
            "hs_response_group": choice(lambda row, _: response_group(row)),
        },
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        "hs_createdate",
        "hs_lastmodifieddate",
        lambda row: (row.at,),
        created_at=lambda row: row.at,
        links={"contacts": lambda row, now: crm.contact(row.lead_id, now)},
    )


def empty(crm: Crm, name: str) -> Kind:
    """A kind of object that the account may have but has none of."""
    singular, type_id = EMPTY[name]
    return Kind(
        name,
        singular,
        type_id,
        (),
        common("hs_createdate", "hs_lastmodifieddate"),
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        "hs_createdate",
        "hs_lastmodifieddate",
        lambda _: (crm.world.starts_at,),
    )


def response_group(row: Feedback) -> str:
    """PROMOTER, PASSIVE or DETRACTOR for NPS; 0, 1 or 2 for CSAT."""
    if row.survey_type != "NPS":
        return "0" if row.value <= 2 else "1" if row.value == 3 else "2"
    return "DETRACTOR" if row.value <= DETRACTOR_TO else "PASSIVE" if row.value <= PASSIVE_TO else "PROMOTER"


def _activity(crm: Crm, name: str, type_id: str, own: dict[str, Property]) -> Kind:
    singular = name.removesuffix("s")
    rows = [row for row in crm.world.engagements if row.kind == singular]

    def source(row: Any, _: datetime) -> str:
        return "AUTOMATION_PLATFORM" if row.automated else "CRM_UI"

    return Kind(
        name,
        singular,
        type_id,
        rows,
        {
            **custom(rows),
            **common("hs_createdate", "hs_lastmodifieddate"),
            "hs_timestamp": instant(lambda row, _: iso(row.at)),
            "hubspot_owner_id": choice(lambda row, _: whole(row.owner_id)),
            "hs_object_source": choice(source),
            "hs_object_source_label": choice(source),
            **own,
        },
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        "hs_createdate",
        "hs_lastmodifieddate",
        lambda row: row.modified,
        links={
            "contacts": lambda row, now: crm.contact(row.lead_id, now),
            "companies": lambda row, _: [] if row.organisation_id is None else [row.organisation_id],
            "deals": lambda row, _: [] if row.deal_id is None else [row.deal_id],
        },
    )


def _duration(row: Any, _: datetime) -> str | None:
    return None if row.ends_at is None else str((row.ends_at - row.at) // MILLISECOND)
