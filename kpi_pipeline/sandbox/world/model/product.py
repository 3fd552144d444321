"""The product itself: its users, and what they do in it; what a product database or an analytics service shows.

Small things are records, large ones are columns: equally long arrays, row by row, sorted by their first instant. All
instants in columns are int64 epoch milliseconds UTC. The number of a row is its id, so rows are never reordered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NONE = -1
"""Stands for "no user", "no device", "no such property", "not yet" in a column."""


def ints() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class ProductUser:
    """Somebody with a login. `internal` users are our own people, testers and bots, who count nowhere."""

    id: str
    account_id: str | None
    role: str
    enabled_at: datetime
    disabled_at: datetime | None = None
    profile_set_at: datetime | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class ProductAccount:
    """A customer's tenant. `company_id` is the CRM's company; `plan_free_*` is when it was on the free plan."""

    id: str
    name: str
    kind: str
    signed_up_at: datetime
    company_id: str | None = None
    plan_free_from: datetime | None = None
    plan_free_until: datetime | None = None
    setup_completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    id: str
    user_id: str
    account_id: str
    created_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConnectionAttempt:
    """One try of an account to connect a data source; failed ones are often repeated within the hour."""

    id: str
    account_id: str
    source_name: str
    attempted_at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """Work that a student began and perhaps finished."""

    id: str
    student_id: str
    account_id: str
    started_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HelpdeskTicket:
    """A question to support. `replies` are the answers of people, ascending; the first is the first response."""

    id: str
    account_id: str | None
    company_id: str | None
    created_at: datetime
    replies: tuple[datetime, ...] = ()
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    product_line: str | None = None
    priority: str = "normal"
    developer_involved: bool = False
    is_duplicate: bool = False


@dataclass(slots=True)
class Events:
    """What users did. `user` is a place in ProductUse.users or NONE (nobody logged in), `event` one in `names`.

    `recorded_at` is when the database had it (empty: at once); `device` tells browsers apart (empty: one a user);
    `properties` are further numbers of an event, NONE where it has none.
    """

    names: tuple[str, ...] = ()
    at: Ints = field(default_factory=ints)
    user: Ints = field(default_factory=ints)
    event: Ints = field(default_factory=ints)
    recorded_at: Ints = field(default_factory=ints)
    device: Ints = field(default_factory=ints)
    properties: Mapping[str, Ints] = field(default_factory=dict)


@dataclass(slots=True)
class Sessions:
    """Visits as the product itself counts them; `ended_at` is the last thing that was done."""

    user: Ints = field(default_factory=ints)
    started_at: Ints = field(default_factory=ints)
    ended_at: Ints = field(default_factory=ints)
    page_views: Ints = field(default_factory=ints)


@dataclass(slots=True)
class Syncs:
    """Runs of the product's own data collectors; `source` is a place in `names`, `ok` is 1 or 0."""

    names: tuple[str, ...] = ()
    at: Ints = field(default_factory=ints)
    source: Ints = field(default_factory=ints)
    ok: Ints = field(default_factory=ints)


@dataclass(slots=True)
class ApiUse:
    """Calls to the product's API, a row an account and local day (days since 1970-01-01), there after that day."""

    account: Ints = field(default_factory=ints)
    day: Ints = field(default_factory=ints)
    calls: Ints = field(default_factory=ints)


@dataclass(slots=True)
class ProductUse:
    users: list[ProductUser] = field(default_factory=list)
    accounts: list[ProductAccount] = field(default_factory=list)
    dashboards: list[Dashboard] = field(default_factory=list)
    connection_attempts: list[ConnectionAttempt] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    tickets: list[HelpdeskTicket] = field(default_factory=list)
    events: Events = field(default_factory=Events)
    sessions: Sessions = field(default_factory=Sessions)
    syncs: Syncs = field(default_factory=Syncs)
    api_use: ApiUse = field(default_factory=ApiUse)
