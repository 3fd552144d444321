"""What must hold of product use."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa

LONGEST_SESSION_MS = 4 * 3_600_000


class UsageDay(FactModel):
    user_id: Text
    event: Text
    day: Whole = pa.Field(ge=10_957)  # 2000-01-01
    account_id: Text = maybe()
    role: Text = maybe()
    qualifying: Flag
    times: Whole = pa.Field(ge=1)
    first_at: Whole = instant()


class Session(FactModel):
    _order = (("started_at", "ended_at"),)

    session_id: Text = pa.Field(unique=True)
    user_id: Text
    account_id: Text = maybe()
    started_at: Whole = instant()
    ended_at: Whole = instant()
    duration_ms: Whole = pa.Field(ge=0, le=LONGEST_SESSION_MS)
    page_views: Whole = pa.Field(ge=0)


class ProductUser(FactModel):
    _order = (("enabled_at", "disabled_at"),)

    user_id: Text = pa.Field(unique=True)
    account_id: Text = maybe()
    role: Text = maybe()
    enabled_at: Whole = instant(nullable=True)
    disabled_at: Whole = instant(nullable=True)
    profile_set_at: Whole = instant(nullable=True)
    internal: Flag


class Account(FactModel):
    _order = (("plan_free_from_at", "plan_free_until_at"),)

    account_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    kind: Text = maybe()
    plan_free_from_at: Whole = instant(nullable=True)
    plan_free_until_at: Whole = instant(nullable=True)
    signed_up_at: Whole = instant(nullable=True)
    setup_completed_at: Whole = instant(nullable=True)
    first_key_event_at: Whole = instant(nullable=True)
    first_dashboard_at: Whole = instant(nullable=True)


class Dashboard(FactModel):
    _order = (("created_at", "deleted_at"),)

    dashboard_id: Text = pa.Field(unique=True)
    user_id: Text = maybe()
    account_id: Text = maybe()
    created_at: Whole = instant()
    deleted_at: Whole = instant(nullable=True)


class ActiveDashboard(FactModel):
    _order = (("from_day", "until_day"),)

    dashboard_id: Text
    user_id: Text
    account_id: Text = maybe()
    from_day: Whole = pa.Field(ge=10_957)
    until_day: Whole = pa.Field(ge=10_957)

    class Config(FactModel.Config):
        unique = ("dashboard_id", "from_day")


class ConnectionAttempt(FactModel):
    _order = (("first_attempt_at", "succeeded_at"),)

    attempt_id: Text = pa.Field(unique=True)
    account_id: Text
    source_name: Text
    first_attempt_at: Whole = instant()
    succeeded_at: Whole = instant(nullable=True)
    tries: Whole = pa.Field(ge=1)


class Sync(FactModel):
    source_name: Text
    synced_at: Whole = instant()

    class Config(FactModel.Config):
        unique = ("source_name", "synced_at")


class ApiUsage(FactModel):
    account_id: Text
    day: Whole = pa.Field(ge=10_957)
    calls: Whole = pa.Field(ge=0)

    class Config(FactModel.Config):
        unique = ("account_id", "day")


class Assignment(FactModel):
    _order = (("started_at", "completed_at"),)

    assignment_id: Text = pa.Field(unique=True)
    student_id: Text
    account_id: Text = maybe()
    started_at: Whole = instant()
    completed_at: Whole = instant(nullable=True)


MODELS: dict[str, type[FactModel]] = {
    "usage_day": UsageDay,
    "session": Session,
    "product_user": ProductUser,
    "account": Account,
    "dashboard": Dashboard,
    "active_dashboard": ActiveDashboard,
    "connection_attempt": ConnectionAttempt,
    "sync": Sync,
    "api_usage": ApiUsage,
    "assignment": Assignment,
}
