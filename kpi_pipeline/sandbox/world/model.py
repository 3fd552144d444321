"""What exists in a simulated company, vendor-free where it can be; the vendors' protocols render it as of an instant.

Every record carries its whole life as dated facts. A vendor shows the part that has happened by the instant it is
asked for: a stage entered tomorrow is not there today. All instants are aware UTC; money is integer minor units unless
the type says Decimal; `modified` lists every instant at which the vendor would bump its last-modified time, ascending,
the creation included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Dated = tuple[tuple[str, datetime], ...]
Span = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    city: str
    country: str


# The CRM: HubSpot.


@dataclass(frozen=True, slots=True)
class CrmOwner:
    id: int
    user_id: int
    person: Person
    archived: bool = False


@dataclass(frozen=True, slots=True)
class PipelineStage:
    id: str
    label: str
    order: int
    probability: Decimal | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Pipeline:
    object: str  # "deals" or "tickets"
    id: str
    label: str
    stages: tuple[PipelineStage, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    id: int
    name: str
    domain: str
    industry: str
    city: str
    created_at: datetime
    lifecycle: Dated
    modified: tuple[datetime, ...]
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A CRM contact. `lifecycle` holds (stage, entered at), e.g. lead, marketingqualifiedlead, salesqualifiedlead."""

    id: int
    person: Person
    organisation_id: int | None
    created_at: datetime
    source: str
    owner_id: int
    lifecycle: Dated
    lead_status: Dated
    modified: tuple[datetime, ...]
    archived_at: datetime | None = None
    merged_into: int | None = None
    merged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """A call, e-mail or meeting with a lead. `automated` ones are sequences and auto-replies, not a human contact."""

    id: int
    kind: str  # "call", "email", "meeting"
    lead_id: int
    deal_id: int | None
    at: datetime
    created_at: datetime
    direction: str  # "outbound", "inbound"
    automated: bool
    owner_id: int | None
    title: str
    outcome: str | None
    ends_at: datetime | None
    modified: tuple[datetime, ...]
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    id: int
    name: str
    lead_id: int | None
    organisation_id: int | None
    pipeline: str
    stages: Dated
    amount: Decimal
    currency: str
    amount_home: Decimal
    created_at: datetime
    expected_close: datetime
    closed_at: datetime | None
    won: bool | None
    owner_id: int
    deal_type: str  # "newbusiness", "existingbusiness"
    booking_id: str | None
    event_at: datetime | None
    modified: tuple[datetime, ...]
    archived_at: datetime | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    id: int
    subject: str
    priority: str  # "LOW", "MEDIUM", "HIGH", "URGENT"
    pipeline: str
    stages: Dated
    created_at: datetime
    first_reply_at: datetime | None
    closed_at: datetime | None
    category: str
    owner_id: int | None
    lead_id: int | None
    organisation_id: int | None
    modified: tuple[datetime, ...]
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    id: int
    survey_id: str
    survey_type: str  # "NPS", "CSAT"
    value: int
    lead_id: int
    at: datetime


# Billing: Stripe.


@dataclass(frozen=True, slots=True)
class BillingCustomer:
    id: str
    name: str
    email: str
    country: str
    currency: str
    created_at: datetime
    lead_id: int | None
    organisation_id: int | None
    modified: tuple[datetime, ...]
    deleted_at: datetime | None = None
    livemode: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    active: bool
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """`unit_amount_decimal` is Stripe's string in minor units; `tiers` are (up_to or None, unit amount)."""

    id: str
    product_id: str
    currency: str
    unit_amount_decimal: str | None
    type: str  # "recurring", "one_time"
    interval: str | None
    interval_count: int | None
    created_at: datetime
    active: bool = True
    usage_type: str = "licensed"
    billing_scheme: str = "per_unit"
    tax_behavior: str = "exclusive"
    tiers: tuple[tuple[int | None, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Coupon:
    id: str
    created_at: datetime
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None
    duration: str  # "once", "repeating", "forever"
    duration_in_months: int | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    id: str
    coupon_id: str
    start: datetime
    end: datetime | None
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """One price at one quantity over [start, end); a plan change ends one and starts another under the same `id`."""

    id: str
    price_id: str
    quantity: int | None
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`statuses` holds (status, since): trialing, active, past_due, unpaid, canceled."""

    id: str
    customer_id: str
    currency: str
    created_at: datetime
    start_date: datetime
    statuses: Dated
    items: tuple[SubscriptionItem, ...]
    modified: tuple[datetime, ...]
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    cancel_requested_at: datetime | None = None
    cancel_at_period_end: bool = False
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    discounts: tuple[Discount, ...] = ()
    pauses: tuple[tuple[str, datetime, datetime | None], ...] = ()  # (behaviour, from, until)
    collection_method: str = "charge_automatically"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    id: str
    description: str
    amount: int  # before discount, excl. tax
    quantity: int
    price_id: str | None
    product_id: str | None
    subscription_item_id: str | None
    period_start: datetime
    period_end: datetime
    proration: bool = False
    discount: int = 0
    tax: int = 0


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    id: str
    payment_id: str  # Payment.id
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """total = sum of line amounts - discounts + tax. `booking_id` is sent as metadata.booking_id."""

    id: str
    number: str
    customer_id: str
    subscription_id: str | None
    booking_id: str | None
    billing_reason: str
    currency: str
    lines: tuple[InvoiceLine, ...]
    created_at: datetime
    finalized_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    voided_at: datetime | None
    period_start: datetime
    period_end: datetime
    payments: tuple[InvoicePayment, ...]
    modified: tuple[datetime, ...]
    deleted_at: datetime | None = None  # a draft that was thrown away


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment intent with its one charge. `purpose`: deposit, balance, full, tip, subscription.

    `settled` and `fee` are minor units of the account's currency; `exchange_rate` is None when currencies are equal.
    """

    id: str
    charge_id: str
    balance_transaction_id: str
    customer_id: str
    amount: int
    currency: str
    created_at: datetime
    succeeded_at: datetime | None
    failure_code: str | None
    invoice_id: str | None
    booking_id: str | None
    purpose: str
    settled: int
    fee: int
    exchange_rate: Decimal | None
    available_on: datetime | None
    payout_id: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    balance_transaction_id: str
    payment_id: str
    amount: int  # incl. tax
    currency: str
    created_at: datetime
    reason: str
    settled: int


@dataclass(frozen=True, slots=True)
class CreditNote:
    """`amount` includes `tax`. `refund_id` is set when the money was sent back, else the credit stays on account."""

    id: str
    number: str
    invoice_id: str
    customer_id: str
    currency: str
    amount: int
    tax: int
    reason: str
    created_at: datetime
    refund_id: str | None
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    id: str
    payment_id: str
    amount: int
    currency: str
    created_at: datetime
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Payout:
    id: str
    balance_transaction_id: str
    amount: int
    currency: str
    created_at: datetime
    arrival_at: datetime


# Surveys: Typeform.


@dataclass(frozen=True, slots=True)
class FormField:
    id: str
    ref: str
    title: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    fields: tuple[FormField, ...]
    hidden: tuple[str, ...]
    visits: int = 0


@dataclass(frozen=True, slots=True)
class FormResponse:
    """`visible_at` is when the API starts to show it (up to 30 minutes late); `answers` maps field ref to its value."""

    form_id: str
    token: str
    response_type: str  # "started", "partial", "completed"
    landed_at: datetime
    submitted_at: datetime | None
    visible_at: datetime
    hidden: Mapping[str, str]
    answers: Mapping[str, object]
    platform: str
    deleted_at: datetime | None = None


# Monitoring: UptimeRobot.


@dataclass(frozen=True, slots=True)
class Monitor:
    id: int
    name: str
    url: str
    type: str  # "HTTP", "KEYWORD", "PING", "PORT", "HEARTBEAT"
    interval_s: int
    created_at: datetime
    tags: tuple[str, ...]
    pauses: tuple[Span, ...] = ()
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MonitorIncident:
    id: str
    monitor_id: int
    type: str
    cause: int
    reason: str
    started_at: datetime
    resolved_at: datetime | None
    include_in_reports: bool = True


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    id: int
    name: str
    monitor_ids: tuple[int, ...]
    start: datetime
    duration_min: int
    interval: str = "once"


# The issue tracker: Linear.


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class WorkflowState:
    id: str
    team_id: str
    name: str
    type: str  # triage, backlog, unstarted, started, completed, canceled, duplicate
    position: int


@dataclass(frozen=True, slots=True)
class IssueLabel:
    id: str
    name: str
    team_id: str | None


@dataclass(frozen=True, slots=True)
class TrackerUser:
    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Cycle:
    id: str
    team_id: str
    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    name: str
    state: str
    started_at: datetime | None
    target_date: date | None
    completed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """`priorities` holds (priority as text 0-4, since); `states` holds (state id, since), reopenings included."""

    id: str
    number: int
    team_id: str
    title: str
    created_at: datetime
    priorities: Dated
    states: Dated
    label_ids: tuple[str, ...]
    estimate: int | None
    cycle_id: str | None
    project_id: str | None
    assignee_id: str | None
    comments: tuple[tuple[str, str, datetime], ...]  # (id, author id, at)
    modified: tuple[datetime, ...]
    due_date: date | None = None
    archived_at: datetime | None = None
    trashed_at: datetime | None = None


# Metrics: Prometheus.


@dataclass(frozen=True, slots=True)
class GaugeSample:
    metric: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class HistogramObservation:
    """One measured value; the server adds it to every bucket whose upper bound is not below it."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class CounterReset:
    """A restart of `instance`: all its counters of `metric` begin at zero again at `at`."""

    metric: str
    instance: str
    at: datetime


# Registers: CSV files.


@dataclass(frozen=True, slots=True)
class SurveyInvitation:
    id: str
    booking_id: str
    form_id: str
    sent_at: datetime
    delivered_at: datetime | None
    bounced_at: datetime | None
    is_reminder: bool
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """`kind`: balance (cash on that day), outflow, inflow. `amount` is positive."""

    id: str
    day: date
    account: str
    kind: str
    category: str
    amount: Decimal
    currency: str
    one_off: bool
    restricted: bool
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class FxRate:
    """ECB reference rate: units of `currency` for one euro; no rate on weekends and TARGET holidays.

    `published_at` (16:00 Frankfurt) is when the register starts to show it.
    """

    day: date
    currency: str
    rate: Decimal
    published_at: datetime | None = None


@dataclass(slots=True)
class World:
    """Everything that ever happens to one company between `starts_at` and the horizon, in order of creation."""

    company: str
    seed: int
    anchor: date
    zone: str
    currency: str
    starts_at: datetime
    horizon: datetime
    owners: list[CrmOwner] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    customers: list[BillingCustomer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    coupons: list[Coupon] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    responses: list[FormResponse] = field(default_factory=list)
    monitors: list[Monitor] = field(default_factory=list)
    incidents: list[MonitorIncident] = field(default_factory=list)
    maintenance: list[MaintenanceWindow] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    workflow_states: list[WorkflowState] = field(default_factory=list)
    labels: list[IssueLabel] = field(default_factory=list)
    tracker_users: list[TrackerUser] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    issues: list[IssueRecord] = field(default_factory=list)
    gauges: list[GaugeSample] = field(default_factory=list)
    histogram: list[HistogramObservation] = field(default_factory=list)
    histogram_bounds: tuple[float, ...] = ()
    counter_resets: list[CounterReset] = field(default_factory=list)
    invitations: list[SurveyInvitation] = field(default_factory=list)
    ledger: list[LedgerEntry] = field(default_factory=list)
    fx_rates: list[FxRate] = field(default_factory=list)
