"""Streams of a product database: tables of the company's own, mapped to these columns in company.yaml.

The path of a column is its own name: the connector asks for the company's column under ours. A column that may be null
may be mapped to nothing.
"""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Flag, Instant, StreamModel, Text, Whole, column


class ProductEvents(StreamModel):
    """One thing that a user did in the product."""

    event_id: Text = column("event_id", key=True)
    user_id: Text = column("user_id", nullable=True)
    account_id: Text = column("account_id", nullable=True)
    role: Text = column("role", nullable=True)
    event: Text = column("event")
    occurred_at: Instant = column("occurred_at", unit="iso", cursor=True)

    class Config(StreamModel.Config):
        name = "sql.product_events"


class Sessions(StreamModel):
    """One visit of a user, as the product counts visits; `ended_at` is the last thing that was done."""

    session_id: Text = column("session_id", key=True)
    user_id: Text = column("user_id", nullable=True)
    account_id: Text = column("account_id", nullable=True)
    started_at: Instant = column("started_at", unit="iso", cursor=True)
    ended_at: Instant = column("ended_at", unit="iso", nullable=True)
    page_views: Whole = column("page_views", nullable=True, ge=0)

    class Config(StreamModel.Config):
        name = "sql.sessions"


class Users(StreamModel):
    """One login. Internal users are our own people, testers and bots."""

    user_id: Text = column("user_id", key=True)
    account_id: Text = column("account_id", nullable=True)
    role: Text = column("role", nullable=True)
    enabled_at: Instant = column("enabled_at", unit="iso", nullable=True)
    disabled_at: Instant = column("disabled_at", unit="iso", nullable=True)
    profile_set_at: Instant = column("profile_set_at", unit="iso", nullable=True)
    internal: Flag = column("internal", nullable=True)

    class Config(StreamModel.Config):
        name = "sql.users"


class Accounts(StreamModel):
    """One customer's tenant. `company_id` is the company in the CRM."""

    account_id: Text = column("account_id", key=True)
    company_id: Text = column("company_id", nullable=True)
    kind: Text = column("kind", nullable=True)
    signed_up_at: Instant = column("signed_up_at", unit="iso", nullable=True)
    plan_free_from_at: Instant = column("plan_free_from_at", unit="iso", nullable=True)
    plan_free_until_at: Instant = column("plan_free_until_at", unit="iso", nullable=True)
    setup_completed_at: Instant = column("setup_completed_at", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "sql.accounts"


class Dashboards(StreamModel):
    """One dashboard that a user made."""

    dashboard_id: Text = column("dashboard_id", key=True)
    user_id: Text = column("user_id", nullable=True)
    account_id: Text = column("account_id", nullable=True)
    created_at: Instant = column("created_at", unit="iso")
    deleted_at: Instant = column("deleted_at", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "sql.dashboards"


class ConnectionAttempts(StreamModel):
    """One try of an account to connect one of its data sources."""

    attempt_id: Text = column("attempt_id", key=True)
    account_id: Text = column("account_id")
    source_name: Text = column("source_name")
    attempted_at: Instant = column("attempted_at", unit="iso", cursor=True)
    succeeded: Flag = column("succeeded")

    class Config(StreamModel.Config):
        name = "sql.connection_attempts"


class Syncs(StreamModel):
    """One run of a collector of the product."""

    sync_id: Text = column("sync_id", key=True)
    source_name: Text = column("source_name")
    synced_at: Instant = column("synced_at", unit="iso", cursor=True)
    succeeded: Flag = column("succeeded")

    class Config(StreamModel.Config):
        name = "sql.syncs"


class ApiCalls(StreamModel):
    """How often an account called the API on a local day; `counted_at` is when that was counted or corrected."""

    account_id: Text = column("account_id", key=True)
    day: Day = column("day", key=True)
    calls: Whole = column("calls", ge=0)
    counted_at: Instant = column("counted_at", unit="iso", cursor=True)

    class Config(StreamModel.Config):
        name = "sql.api_calls"


class Assignments(StreamModel):
    """Work that a student began and perhaps finished; `updated_at` moves when anything of it changes."""

    assignment_id: Text = column("assignment_id", key=True)
    student_id: Text = column("student_id")
    account_id: Text = column("account_id", nullable=True)
    started_at: Instant = column("started_at", unit="iso")
    completed_at: Instant = column("completed_at", unit="iso", nullable=True)
    updated_at: Instant = column("updated_at", unit="iso", cursor=True)

    class Config(StreamModel.Config):
        name = "sql.assignments"


class Tickets(StreamModel):
    """One question to support; `replies` counts the answers of people, `updated_at` moves when anything changes."""

    ticket_id: Text = column("ticket_id", key=True)
    account_id: Text = column("account_id", nullable=True)
    company_id: Text = column("company_id", nullable=True)
    created_at: Instant = column("created_at", unit="iso")
    first_reply_at: Instant = column("first_reply_at", unit="iso", nullable=True)
    replies: Whole = column("replies", nullable=True, ge=0)
    resolved_at: Instant = column("resolved_at", unit="iso", nullable=True)
    reopened_at: Instant = column("reopened_at", unit="iso", nullable=True)
    product_line: Text = column("product_line", nullable=True)
    priority: Text = column("priority", nullable=True)
    developer_involved: Flag = column("developer_involved", nullable=True)
    is_duplicate: Flag = column("is_duplicate", nullable=True)
    updated_at: Instant = column("updated_at", unit="iso", cursor=True)

    class Config(StreamModel.Config):
        name = "sql.tickets"
