"""From a fact's row back to the vendors: which records it was made of, and where a person can look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpi_pipeline.facts.spec import filled_by
from kpi_pipeline.facts.tables import Company

STRIPE = "https://dashboard.stripe.com"
TYPEFORM = "https://admin.typeform.com/form"
UPTIMEROBOT = "https://dashboard.uptimerobot.com/monitors"
LINEAR = "https://linear.app/issue"
GITHUB = "https://github.com"
CONTACT, COMPANY, DEAL, TICKET, MEETING = (
    "0-1",
    "0-2",
    "0-3",
    "0-5",
    "0-47",
)  # HubSpot's object type ids, part of its record addresses

FILLED_BY = ""  # stands for the source that fills the fact at this company


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a vendor behind a fact row; `url` is None for registers, which have no page."""

    source: str
    kind: str
    id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """`column` of the fact holds the id; `url` is its address with columns of the row (and {portal}) in braces."""

    source: str
    kind: str
    column: str
    url: str | None


def _hubspot(kind: str, type_id: str, column: str) -> _Place:
    return _Place("hubspot", kind, column, f"https://app.hubspot.com/contacts/{{portal}}/record/{type_id}/{{{column}}}")


_LEAD = _hubspot("contact", CONTACT, "lead_id")
_COMPANY = _hubspot("company", COMPANY, "company_id")
_SCHOOL = _hubspot("school", COMPANY, "school_id")
_INVOICE = _Place("stripe", "invoice", "invoice_id", f"{STRIPE}/invoices/{{invoice_id}}")
_CUSTOMER = _Place("stripe", "customer", "customer_id", f"{STRIPE}/customers/{{customer_id}}")
_SUBSCRIPTION = _Place("stripe", "subscription", "subscription_id", f"{STRIPE}/subscriptions/{{subscription_id}}")
_REFUND = _Place("stripe", "refund or credit note", "refund_id", f"{STRIPE}/search?query={{refund_id}}")
_ISSUE = _Place("linear", "issue", "identifier", f"{LINEAR}/{{identifier}}")
_MONITOR = _Place("uptimerobot", "monitor", "monitor_id", f"{UPTIMEROBOT}/{{monitor_id}}")

# The first place of a fact is the record a reader wants to see first.
PLACES: Mapping[str, tuple[_Place, ...]] = {
    "lead": (_LEAD,),
    "lead_booking": (_LEAD,),
    "deal": (_hubspot("deal", DEAL, "deal_id"), _COMPANY),
    "deal_outlook": (_hubspot("deal", DEAL, "deal_id"),),
    "deal_step": (_hubspot("deal", DEAL, "deal_id"),),
    "organisation": (_COMPANY,),
    "prospect": (_hubspot("contact", CONTACT, "prospect_id"),),
    "meeting": (_hubspot("meeting", MEETING, "meeting_id"), _COMPANY),
    "school": (_SCHOOL,),
    "demo": (_hubspot("meeting", MEETING, "meeting_id"), _SCHOOL),
    "pilot": (_hubspot("deal", DEAL, "pilot_id"), _SCHOOL),
    "pilot_week": (_hubspot("deal", DEAL, "pilot_id"), _SCHOOL),
    "school_phase": (_hubspot("deal", DEAL, "deal_id"), _SCHOOL),
    "school_holiday": (_SCHOOL,),
    "seat": (_Place("sql", "user", "user_id", None), _SCHOOL),
    "seat_use": (_Place("sql", "user", "user_id", None), _SCHOOL),
    "booking": (_INVOICE, _hubspot("deal", DEAL, "deal_id"), _LEAD, _CUSTOMER),
    "booking_refund": (_REFUND,),
    "survey_invitation": (_Place("registers", "survey invitation", "invitation_id", None),),
    "survey_answer": (_Place("typeform", "response", "answer_id", f"{TYPEFORM}/{{form}}/results#responses"),),
    "monitor_interval": (_MONITOR,),
    "issue": (_ISSUE,),
    "cycle": (_Place("linear", "cycle", "cycle_id", None),),
    "issue_completion": (_ISSUE,),
    "issue_open_interval": (_ISSUE,),
    "metric_sample": (_Place("prometheus", "series", "series", None),),
    "histogram_increase": (_Place("prometheus", "series", "series", None),),
    "counter_increase": (_Place("prometheus", "series", "series", None),),
    "pipeline_run": (_Place("github", "workflow run", "run_id", f"{GITHUB}/{{repository}}/actions/runs/{{run_id}}"),),
    "email_message": (_Place("mailgun", "message", "message_id", None),),
    "mrr_change": (_SUBSCRIPTION,),
    "invoiced_change": (_INVOICE,),
    "classed_mrr_change": (_Place("stripe", "customer of the CRM", "customer_id", None),),
    "price_indexation": (_Place("stripe", "customer of the CRM", "customer_id", None),),
    "customer_opinion": (_Place("typeform", "customer of the CRM", "customer_id", None),),
    "subscription_trial": (_SUBSCRIPTION,),
    "billing_customer": (_Place("stripe", "customer", "customer_id", f"{STRIPE}/search?query={{customer_id}}"),),
    "lead_trial": (_LEAD, _SUBSCRIPTION),
    "free_account": (_CUSTOMER,),
    "free_month": (_CUSTOMER,),
    "web_day": (_Place("ga4", "channel of a day", "channel", None),),
    "web_month": (_Place("ga4", "month to a day", "month_day", None),),
    "ledger_entry": (_Place("registers", "ledger entry", "entry_id", None),),
    "fx_rate": (_Place("registers", "exchange rate", "currency", None),),
    "scorecard_value": (_Place("registers", "scorecard entry", "kpi", None),),
    "milestone": (_Place("registers", "milestone", "item", None),),
    "project": (_Place("registers", "project", "project_id", None),),
    "roadmap_item": (_Place("registers", "roadmap item", "item_id", None),),
    "roadmap_delivery": (_Place("linear", "issue", "item_id", f"{LINEAR}/{{item_id}}"),),
    "product_class": (_Place("registers", "class of a product", "product", None),),
    "employee": (_Place("registers", "employee", "employee_id", None),),
    "employee_result": (_Place("registers", "result of an employee", "result_id", None),),
    "knowledge_item": (_Place("registers", "document or session", "item_id", None),),
    "certificate": (_Place("registers", "certificate", "name", None),),
    "control": (_Place("registers", "control", "control_id", None),),
    "grade": (_Place("registers", "grade", "subject", None),),
    "purchase_order": (_Place("registers", "order", "order_id", None),),
    "workflow_run": (_Place("registers", "workflow run", "run_id", None),),
    "security_incident": (_Place("registers", "security incident", "incident_id", None),),
    "vulnerability": (_Place("registers", "vulnerability", "vulnerability_id", None),),
    "quality_score": (_Place("registers", "quality score", "branch", None),),
    "usage_day": (_Place(FILLED_BY, "user", "user_id", None),),
    "session": (_Place(FILLED_BY, "session", "session_id", None),),
    "product_user": (_Place("sql", "user", "user_id", None),),
    "account": (_Place("sql", "account", "account_id", None),),
    "active_dashboard": (_Place("sql", "dashboard", "dashboard_id", None),),
    "dashboard": (_Place("sql", "dashboard", "dashboard_id", None),),
    "connection_attempt": (_Place("sql", "connection attempt", "attempt_id", None),),
    "sync": (_Place("sql", "collector", "source_name", None),),
    "api_usage": (_Place("sql", "account", "account_id", None),),
    "assignment": (_Place("sql", "assignment", "assignment_id", None),),
    "support_ticket": (_Place(FILLED_BY, "ticket", "ticket_id", None),),
}


def records(fact: str, row: Mapping[str, Any], company: Company) -> tuple[Record, ...]:
    """The vendor records behind a row of `fact`, most telling first; ids that are null are left out."""
    portal = _portal(company)
    return tuple(
        Record(
            place.source if place.source != FILLED_BY else filled_by(fact, company.sources),
            place.kind,
            str(row[place.column]),
            None if place.url is None else place.url.format_map({**row, "portal": portal}),
        )
        for place in PLACES[fact]
        if row[place.column] is not None
    )


def links(company: Company) -> dict[str, str]:
    """Fact → the address of its first record, with columns of the row in braces; facts without a page are left out."""
    portal = _portal(company)
    first = {fact: places[0].url for fact, places in PLACES.items()}
    return {fact: url.replace("{portal}", portal) for fact, url in first.items() if url is not None}


def _portal(company: Company) -> str:
    """The HubSpot account in record addresses; without it they lead to the account the reader is signed in to."""
    if "hubspot" not in company.sources:
        return ""
    return str(company.sources["hubspot"].settings.get("portal_id", ""))
