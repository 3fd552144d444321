"""Who may buy and who bought."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, StreamId, flag, instant, money, text, whole

CONTACTS: tuple[StreamId, ...] = (("hubspot", "contacts"),)
BILLING: tuple[StreamId, ...] = (
    ("stripe", "invoices"),
    ("stripe", "invoice_lines"),
    ("stripe", "invoice_payments"),
    ("stripe", "products"),
    ("stripe", "refunds"),
    ("stripe", "credit_notes"),
)
DEALS: tuple[StreamId, ...] = (("hubspot", "deals"), ("hubspot", "deal_stage_history"), ("hubspot", "pipelines_stages"))
SPECS = (
    FactSpec(
        "deal",
        "A chance to sell something. Deleted and merged-away ones are none.",
        ("deal_id",),
        {
            "deal_id": text("id of the deal"),
            "company_id": text("the company that may buy", nullable=True),
            "contact_id": text("the person who speaks for it", nullable=True),
            "pipeline": text("pipeline it is in", nullable=True),
            "stage": text("stage it is in now", nullable=True),
            "deal_type": text("newbusiness, existingbusiness or a type of the company's own", nullable=True),
            "created_at": instant("when the deal was made"),
            "qualified_at": instant("first entry into the qualified stage", nullable=True),
            "closed_at": instant("date of closing, won or lost; null while it is open", nullable=True),
            "open_until_at": instant("entry into the closed stage that it is in; null while it is open", nullable=True),
            "won": flag("closed and won; null while it is open", nullable=True),
            "amount_minor": money("value as agreed, all of it", nullable=True),
            "one_time_minor": money("the part that does not recur"),
            "term_months": whole("length of the contract", nullable=True),
            "annual_minor": money("(amount − one-time part) ÷ term × 12 months; null without a term", nullable=True),
            "source_first_touch": text("where its contact came from first", nullable=True),
            "duplicate": flag("marked as the same deal as another one"),
        },
        reads=(*DEALS, *CONTACTS),
    ),
    FactSpec(
        "meeting",
        "A meeting with somebody who may buy.",
        ("meeting_id",),
        {
            "meeting_id": text("id of the meeting"),
            "company_id": text("the company it was with", nullable=True),
            "contact_id": text("the person it was with", nullable=True),
            "kind": text("type of meeting, in the company's own words", nullable=True),
            "created_at": instant("when it was planned"),
            "starts_at": instant("when it starts"),
            "outcome": text("scheduled, completed, rescheduled, no_show or canceled"),
            "held": flag("it took place"),
            "reasons_recorded": flag("somebody wrote down the reasons that were given"),
            "usp_mentioned": flag("the reason that the company asks about is one of them"),
            "campaign": text("what the meeting was asked for upon", nullable=True),
        },
        reads=(("hubspot", "meetings"),),
    ),
    FactSpec(
        "lead",
        "A person who asked for an offer. Deleted and merged-away contacts are no leads.",
        ("lead_id",),
        {
            "lead_id": text("id of the contact"),
            "created_at": instant("when the lead came in"),
            "qualified_at": instant("first entry into the qualified stage", nullable=True),
            "first_contact_at": instant(
                "first call, e-mail or meeting by a person of ours, not automated", nullable=True
            ),
            "source": text("where the lead came from", nullable=True),
            "owner_id": text("who works it", nullable=True),
        },
        reads=(
            *CONTACTS,
            ("hubspot", "calls"),
            ("hubspot", "emails"),
            ("hubspot", "meetings"),
        ),
    ),
    FactSpec(
        "lead_booking",
        "A lead with the first booking that it paid.",
        ("lead_id",),
        {
            "lead_id": text("id of the contact"),
            "created_at": instant("when the lead came in"),
            "qualified_at": instant("first entry into the qualified stage", nullable=True),
            "booking_id": text("its first paid booking", nullable=True),
            "first_paid_at": instant("first payment of that booking", nullable=True),
            "fully_refunded_at": instant("when that booking was refunded in full", nullable=True),
        },
        uses=("lead", "booking"),
    ),
    FactSpec(
        "booking",
        "An event that a customer booked, as invoiced: all its invoices together, drafts and voided ones left out.",
        ("booking_id",),
        {
            "booking_id": text("our number of the booking"),
            "lead_id": text("the lead it came from", nullable=True),
            "lead_qualified": flag("that lead was ever qualified"),
            "deal_id": text("the deal in the CRM", nullable=True),
            "customer_id": text("who pays"),
            "invoice_id": text("its first invoice"),
            "event_at": instant("local midnight of the day of the event", nullable=True),
            "first_paid_at": instant("first succeeded payment", nullable=True),
            "paid_in_full_at": instant("when the payments reached the invoiced total", nullable=True),
            "fully_refunded_at": instant("when refunds and credits reached what was paid until then", nullable=True),
            "net_minor": money("contracted revenue without VAT, discounts, tips and pass-through"),
            "gross_minor": money("invoiced total with VAT"),
            "currency": text("ISO 4217 code of the invoices; amounts are converted"),
        },
        reads=(*BILLING, *CONTACTS, ("hubspot", "deals")),
        uses=("fx_rate",),
    ),
    FactSpec(
        "booking_refund",
        "Money or credit given back on a paid booking: a refund, or a credit note that no refund belongs to.",
        ("refund_id",),
        {
            "refund_id": text("id of the refund or credit note"),
            "booking_id": text("the booking"),
            "lead_qualified": flag("the booking's lead was ever qualified"),
            "refunded_at": instant("when it was given"),
            "net_minor": money("its net share; the one that completes a full refund cancels the booking's net exactly"),
            "gross_minor": money("with VAT"),
        },
        reads=(*BILLING, *CONTACTS, ("hubspot", "deals")),
        uses=("fx_rate",),
    ),
)
