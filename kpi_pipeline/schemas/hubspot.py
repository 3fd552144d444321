"""Streams of HubSpot (API 2026-09): contacts, companies, deals and their stages, engagements, tickets, who is whose.

HubSpot sends every property as text; columns here are typed. `created_at` is what windows are cut on: it does not move,
so a record is in exactly one window. There is no last-modified column: HubSpot bumps it for reasons of its own, and
each bump would look like a new version of an unchanged record. Names, phone numbers and titles are personal data and
not asked for.

Who belongs to whom stands in the records themselves: `contact_ids` and `company_ids` are all that HubSpot associates,
`contact_id` and `company_id` the primary one (where HubSpot names none, the lowest id). Pairs as records of their own
would never vanish: HubSpot does not tell which was taken away, but a shorter list is a new version of its record.
"""

from __future__ import annotations

from typing import Any

from kpi_pipeline.schemas.base import Exact, Flag, Instant, StreamModel, Text, TextList, Whole, column


def _created() -> Any:
    return column("properties.createdate", unit="iso", cursor=True)


def _logged() -> Any:
    """Engagements have their own name for the property."""
    return column("properties.hs_createdate", unit="iso", cursor=True)


def _instant(property_: str) -> Any:
    return column(f"properties.{property_}", unit="iso", nullable=True)


def _text(property_: str) -> Any:
    return column(f"properties.{property_}", nullable=True)


def _entered(stage: str) -> Any:
    return column(f"first_entered.{stage}", unit="iso", nullable=True)


def _first(ids: str) -> Any:
    return column(f"{ids}[0]", nullable=True)


class Contacts(StreamModel):
    """One contact. `entered_<stage>_at` is its first entry into a lifecycle stage; the e-mail address is a salted hash.

    `merged_ids`: ids of contacts that were merged into this one (joined by ";"); those ids no longer exist.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _created()
    lifecycle_stage: Text = _text("lifecyclestage")
    lead_status: Text = _text("hs_lead_status")
    owner_id: Text = _text("hubspot_owner_id")
    source: Text = _text("hs_analytics_source")
    email_hash: Text = column("properties.email", hashed=True, nullable=True)
    entered_subscriber_at: Instant = _entered("subscriber")
    entered_lead_at: Instant = _entered("lead")
    entered_marketingqualifiedlead_at: Instant = _entered("marketingqualifiedlead")
    entered_salesqualifiedlead_at: Instant = _entered("salesqualifiedlead")
    entered_opportunity_at: Instant = _entered("opportunity")
    entered_customer_at: Instant = _entered("customer")
    company_id: Text = _first("company_ids")
    company_ids: TextList = column("company_ids")
    merged_ids: Text = _text("hs_merged_object_ids")

    class Config(StreamModel.Config):
        name = "hubspot.contacts"


class Companies(StreamModel):
    """One company (a school, for some). `entered_<stage>_at` is its first entry into a lifecycle stage.

    `segment` and below are properties that companies of ours have added to their portals.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _created()
    name: Text = _text("name")
    domain: Text = _text("domain")
    industry: Text = _text("industry")
    country: Text = _text("country")
    lifecycle_stage: Text = _text("lifecyclestage")
    owner_id: Text = _text("hubspot_owner_id")
    entered_lead_at: Instant = _entered("lead")
    entered_marketingqualifiedlead_at: Instant = _entered("marketingqualifiedlead")
    entered_salesqualifiedlead_at: Instant = _entered("salesqualifiedlead")
    entered_opportunity_at: Instant = _entered("opportunity")
    entered_customer_at: Instant = _entered("customer")
    merged_ids: Text = _text("hs_merged_object_ids")
    segment: Text = _text("segment")
    holiday_region: Text = _text("holiday_region")

    class Config(StreamModel.Config):
        name = "hubspot.companies"


class Deals(StreamModel):
    """One deal. `closed_at` is the expected close while the deal is open. Amounts are in major units, exact.

    `booking_id` and below are properties that companies of ours have added to their portals; null where they have not.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _created()
    pipeline_id: Text = _text("pipeline")
    stage_id: Text = _text("dealstage")
    deal_type: Text = _text("dealtype")
    owner_id: Text = _text("hubspot_owner_id")
    amount: Exact = _text("amount")
    currency: Text = _text("deal_currency_code")
    amount_home: Exact = _text("amount_in_home_currency")
    closed_at: Instant = _instant("closedate")
    is_closed: Flag = _text("hs_is_closed")
    is_won: Flag = _text("hs_is_closed_won")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")
    company_id: Text = _first("company_ids")
    company_ids: TextList = column("company_ids")
    merged_ids: Text = _text("hs_merged_object_ids")
    booking_id: Text = _text("booking_id")
    event_date: Text = _text("event_date")
    go_date: Text = _text("go_date")
    live_date: Text = _text("live_date")
    pilot_end: Text = _text("pilot_end")
    contract_end: Text = _text("contract_end")
    contract_months: Whole = _text("contract_months")
    one_time_amount: Exact = _text("one_time_amount")
    is_duplicate: Flag = _text("is_duplicate")

    class Config(StreamModel.Config):
        name = "hubspot.deals"


class DealStageHistory(StreamModel):
    """One entry of a deal into a stage, returns included. The stage is left at the deal's next entry."""

    deal_id: Text = column("^.id", key=True)
    entered_at: Instant = column("timestamp", unit="iso", key=True)
    stage_id: Text = column("value", key=True)
    deal_created_at: Instant = column("^.createdAt", unit="iso", cursor=True)
    changed_by: Text = column("sourceType", nullable=True)

    class Config(StreamModel.Config):
        name = "hubspot.deal_stage_history"


class PipelinesStages(StreamModel):
    """One stage of a pipeline of deals or tickets, in `display_order`. `probability` 1.0 is won, 0.0 lost."""

    object: Text = column("@object", key=True)
    pipeline_id: Text = column("^.id", key=True)
    stage_id: Text = column("id", key=True)
    pipeline_label: Text = column("^.label")
    label: Text = column("label")
    display_order: Whole = column("displayOrder")
    probability: Exact = column("metadata.probability", nullable=True, ge=0, le=1)
    is_closed: Flag = column("metadata.isClosed", nullable=True)
    ticket_state: Text = column("metadata.ticketState", nullable=True)

    class Config(StreamModel.Config):
        name = "hubspot.pipelines_stages"


class Meetings(StreamModel):
    """One meeting. It takes place [starts_at, ends_at); `created_at` is when it was planned.

    `reasons` (joined by ";") and `campaign` are properties that companies of ours have added to their portals.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _logged()
    at: Instant = _instant("hs_timestamp")
    starts_at: Instant = _instant("hs_meeting_start_time")
    ends_at: Instant = _instant("hs_meeting_end_time")
    outcome: Text = _text("hs_meeting_outcome")
    type: Text = _text("hs_activity_type")
    source: Text = _text("hs_object_source")
    owner_id: Text = _text("hubspot_owner_id")
    reasons: Text = _text("top3_reasons")
    campaign: Text = _text("campaign")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")
    company_id: Text = _first("company_ids")
    company_ids: TextList = column("company_ids")

    class Config(StreamModel.Config):
        name = "hubspot.meetings"


class Calls(StreamModel):
    """One call at `at`, out to the contact (OUTBOUND) or in."""

    id: Text = column("id", key=True)
    created_at: Instant = _logged()
    at: Instant = _instant("hs_timestamp")
    direction: Text = _text("hs_call_direction")
    status: Text = _text("hs_call_status")
    disposition: Text = _text("hs_call_disposition")
    duration_ms: Whole = _text("hs_call_duration")
    source: Text = _text("hs_object_source")
    owner_id: Text = _text("hubspot_owner_id")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")

    class Config(StreamModel.Config):
        name = "hubspot.calls"


class Emails(StreamModel):
    """One e-mail at `at`: EMAIL is out to the contact, INCOMING_EMAIL from it. Subject and text are not asked for.

    `source` tells who sent it: a sequence, a workflow or an automatic reply is no human contact.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _logged()
    at: Instant = _instant("hs_timestamp")
    direction: Text = _text("hs_email_direction")
    status: Text = _text("hs_email_status")
    sequence_id: Text = _text("hs_sequence_id")
    source: Text = _text("hs_object_source")
    owner_id: Text = _text("hubspot_owner_id")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")

    class Config(StreamModel.Config):
        name = "hubspot.emails"


class Tickets(StreamModel):
    """One support ticket. `first_reply_ms` is the time to the first human reply, as HubSpot measured it.

    `closed_at` is empty while it is open, again or still. `product_line` and `developer_involved` are properties that
    companies of ours have added to their portals.
    """

    id: Text = column("id", key=True)
    created_at: Instant = _created()
    pipeline_id: Text = _text("hs_pipeline")
    stage_id: Text = _text("hs_pipeline_stage")
    priority: Text = _text("hs_ticket_priority")
    category: Text = _text("hs_ticket_category")
    source: Text = _text("source_type")
    owner_id: Text = _text("hubspot_owner_id")
    closed_at: Instant = _instant("closed_date")
    first_reply_ms: Whole = _text("time_to_first_agent_reply")
    first_reply_at: Instant = _instant("first_agent_reply_date")
    reopened_at: Instant = _instant("last_reopened_date")
    replies: Whole = _text("hs_num_times_contacted")
    product_line: Text = _text("product_line")
    developer_involved: Flag = _text("developer_involved")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")
    company_id: Text = _first("company_ids")
    company_ids: TextList = column("company_ids")
    merged_ids: Text = _text("hs_merged_object_ids")

    class Config(StreamModel.Config):
        name = "hubspot.tickets"


class Feedback(StreamModel):
    """One answer to a HubSpot survey (NPS, CSAT, CES)."""

    id: Text = column("id", key=True)
    created_at: Instant = _logged()
    submitted_at: Instant = _instant("hs_submission_timestamp")
    survey_id: Text = _text("hs_survey_id")
    survey_type: Text = _text("hs_survey_type")
    value: Exact = _text("hs_value")
    response_group: Text = _text("hs_response_group")
    channel: Text = _text("hs_survey_channel")
    contact_id: Text = _first("contact_ids")
    contact_ids: TextList = column("contact_ids")

    class Config(StreamModel.Config):
        name = "hubspot.feedback"


class Owners(StreamModel):
    """One person whom records can be assigned to, archived ones included. Names are not kept."""

    id: Text = column("id", key=True)
    user_id: Text = column("userId", nullable=True)
    email_hash: Text = column("email", hashed=True, nullable=True)
    archived: Flag = column("archived")
    created_at: Instant = column("createdAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "hubspot.owners"
