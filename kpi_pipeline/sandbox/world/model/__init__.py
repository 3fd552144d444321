"""What exists in a simulated company, vendor-free where it can be; the vendors' protocols render it as of an instant.

Every record carries its whole life as dated facts. A vendor shows the part that has happened by the instant it is
asked for: a stage entered tomorrow is not there today. All instants are aware UTC; money is integer minor units unless
the type says Decimal; `modified` lists every instant at which the vendor would bump its last-modified time, ascending,
the creation included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from kpi_pipeline.sandbox.world.model.billing import (
    BillingCustomer,
    Coupon,
    CreditNote,
    Discount,
    Dispute,
    Invoice,
    InvoiceItem,
    InvoiceLine,
    InvoicePayment,
    Payment,
    Payout,
    Price,
    Product,
    Refund,
    Subscription,
    SubscriptionItem,
    TaxRate,
)
from kpi_pipeline.sandbox.world.model.crm import (
    CrmOwner,
    Deal,
    Engagement,
    Feedback,
    Lead,
    Organisation,
    Person,
    Pipeline,
    PipelineStage,
    Ticket,
)
from kpi_pipeline.sandbox.world.model.delivery import CodeRepository, PipelineRun, RunAttempt
from kpi_pipeline.sandbox.world.model.exports import (
    PurchaseOrder,
    QualityScore,
    SecurityIncident,
    Vulnerability,
    WorkflowRun,
)
from kpi_pipeline.sandbox.world.model.life import Dated, Span
from kpi_pipeline.sandbox.world.model.mail import Email, MailEvent
from kpi_pipeline.sandbox.world.model.metrics import CounterGrowth, CounterReset, GaugeSample, HistogramObservation
from kpi_pipeline.sandbox.world.model.monitoring import MaintenanceWindow, Monitor, MonitorIncident
from kpi_pipeline.sandbox.world.model.paperwork import (
    Certificate,
    ControlAssessment,
    Employee,
    EmployeeResult,
    Grade,
    KnowledgeItem,
    Milestone,
    ProductClass,
    ProjectVersion,
    RoadmapItem,
    ScorecardEntry,
)
from kpi_pipeline.sandbox.world.model.product import (
    ApiUse,
    Assignment,
    ConnectionAttempt,
    Dashboard,
    Events,
    HelpdeskTicket,
    ProductAccount,
    ProductUse,
    ProductUser,
    Sessions,
    Syncs,
)
from kpi_pipeline.sandbox.world.model.registers import FxRate, LedgerEntry, SurveyInvitation
from kpi_pipeline.sandbox.world.model.surveys import Form, FormField, FormResponse
from kpi_pipeline.sandbox.world.model.tracker import (
    Cycle,
    IssueLabel,
    IssueRecord,
    Project,
    Team,
    TrackerUser,
    WorkflowState,
)
from kpi_pipeline.sandbox.world.model.web import Traffic, WebDay, WebProperty, WebReach

__all__ = [
    "ApiUse",
    "Assignment",
    "BillingCustomer",
    "Certificate",
    "CodeRepository",
    "ConnectionAttempt",
    "ControlAssessment",
    "CounterGrowth",
    "CounterReset",
    "Coupon",
    "CreditNote",
    "CrmOwner",
    "Cycle",
    "Dashboard",
    "Dated",
    "Deal",
    "Discount",
    "Dispute",
    "Email",
    "Employee",
    "EmployeeResult",
    "Engagement",
    "Events",
    "Feedback",
    "Form",
    "FormField",
    "FormResponse",
    "FxRate",
    "GaugeSample",
    "Grade",
    "HelpdeskTicket",
    "HistogramObservation",
    "Invoice",
    "InvoiceItem",
    "InvoiceLine",
    "InvoicePayment",
    "IssueLabel",
    "IssueRecord",
    "KnowledgeItem",
    "Lead",
    "LedgerEntry",
    "MailEvent",
    "MaintenanceWindow",
    "Milestone",
    "Monitor",
    "MonitorIncident",
    "Organisation",
    "Payment",
    "Payout",
    "Person",
    "Pipeline",
    "PipelineRun",
    "PipelineStage",
    "Price",
    "Product",
    "ProductAccount",
    "ProductClass",
    "ProductUse",
    "ProductUser",
    "Project",
    "ProjectVersion",
    "PurchaseOrder",
    "QualityScore",
    "Refund",
    "RoadmapItem",
    "RunAttempt",
    "ScorecardEntry",
    "SecurityIncident",
    "Sessions",
    "Span",
    "Subscription",
    "SubscriptionItem",
    "SurveyInvitation",
    "Syncs",
    "TaxRate",
    "Team",
    "Ticket",
    "TrackerUser",
    "Traffic",
    "Vulnerability",
    "WebDay",
    "WebProperty",
    "WebReach",
    "WorkflowRun",
    "WorkflowState",
    "World",
]


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
    invoice_items: list[InvoiceItem] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    tax_rates: list[TaxRate] = field(default_factory=list)
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
    counters: list[CounterGrowth] = field(default_factory=list)
    counter_resets: list[CounterReset] = field(default_factory=list)
    scraped_since: datetime | None = None  # Prometheus keeps nothing older; None: all since `starts_at`
    invitations: list[SurveyInvitation] = field(default_factory=list)
    ledger: list[LedgerEntry] = field(default_factory=list)
    fx_rates: list[FxRate] = field(default_factory=list)
    scorecard: list[ScorecardEntry] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    employees: list[Employee] = field(default_factory=list)
    employee_results: list[EmployeeResult] = field(default_factory=list)
    project_versions: list[ProjectVersion] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    controls: list[ControlAssessment] = field(default_factory=list)
    grades: list[Grade] = field(default_factory=list)
    roadmap_items: list[RoadmapItem] = field(default_factory=list)
    knowledge_items: list[KnowledgeItem] = field(default_factory=list)
    product_classes: list[ProductClass] = field(default_factory=list)
    orders: list[PurchaseOrder] = field(default_factory=list)
    workflow_runs: list[WorkflowRun] = field(default_factory=list)
    security_incidents: list[SecurityIncident] = field(default_factory=list)
    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    quality_scores: list[QualityScore] = field(default_factory=list)
    web_property: WebProperty | None = None
    web_days: list[WebDay] = field(default_factory=list)
    web_reach: list[WebReach] = field(default_factory=list)
    mail_domain: str = ""
    emails: list[Email] = field(default_factory=list)
    repositories: list[CodeRepository] = field(default_factory=list)
    pipeline_runs: list[PipelineRun] = field(default_factory=list)
    product: ProductUse = field(default_factory=ProductUse)
