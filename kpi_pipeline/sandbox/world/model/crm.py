"""The CRM: what HubSpot shows. `custom` holds properties that the company itself has added: name → (value, since)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.sandbox.world.model.life import Dated


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    city: str
    country: str


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
    custom: Mapping[str, Dated] = field(default_factory=dict)


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
    """A call, e-mail or meeting with a lead. `automated` ones are sequences and auto-replies, not a human contact.

    `outcomes` holds (outcome, set at) of a meeting whose outcome was written down earlier or later than it took place.
    """

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
    organisation_id: int | None = None
    activity_type: str | None = None
    outcomes: Dated = ()
    custom: Mapping[str, Dated] = field(default_factory=dict)


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
    custom: Mapping[str, Dated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """`closed_at` is when it was closed for good; a stage after a closed one reopens it. `replies` are by people."""

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
    replies: tuple[datetime, ...] = ()
    custom: Mapping[str, Dated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feedback:
    id: int
    survey_id: str
    survey_type: str  # "NPS", "CSAT"
    value: int
    lead_id: int
    at: datetime
