"""What users do in the product."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, StreamId, flag, instant, text, whole

EVENTS: dict[str, tuple[StreamId, ...]] = {
    "sql": (("sql", "product_events"), ("sql", "users")),
    "mixpanel": (("mixpanel", "events"),),
}

SPECS = (
    FactSpec(
        "usage_day",
        "What a user did on a local day, a row for each kind of event; internal users and visitors without a login "
        "are left out.",
        ("user_id", "event", "day"),
        {
            "user_id": text("the user, after visitors were recognised"),
            "event": text("name of the event"),
            "day": whole("local date (days since 1970-01-01)"),
            "account_id": text("the user's account", nullable=True),
            "role": text("the user's role, e.g. teacher", nullable=True),
            "qualifying": flag("a kind of event that makes a user active"),
            "times": whole("how often that day"),
            "first_at": instant("first time that day"),
        },
        alternatives=EVENTS,
    ),
    FactSpec(
        "session",
        "A visit: what one user did without a pause of more than 30 minutes, or what the product counts as one.",
        ("session_id",),
        {
            "session_id": text("id of the session"),
            "user_id": text("the user"),
            "account_id": text("the user's account", nullable=True),
            "started_at": instant("first thing done"),
            "ended_at": instant("last thing done"),
            "duration_ms": whole("from first to last, at most four hours; 0 where only one thing was done"),
            "page_views": whole("pages looked at"),
        },
        alternatives={"sql": (("sql", "sessions"), ("sql", "users")), "mixpanel": EVENTS["mixpanel"]},
    ),
    FactSpec(
        "product_user",
        "Somebody with a login; internal ones are ours.",
        ("user_id",),
        {
            "user_id": text("id of the user"),
            "account_id": text("its account", nullable=True),
            "role": text("e.g. teacher, student", nullable=True),
            "enabled_at": instant("when the login was opened", nullable=True),
            "disabled_at": instant("when it was closed", nullable=True),
            "profile_set_at": instant("when the profile was filled in", nullable=True),
            "internal": flag("our own people, testers, bots"),
        },
        reads=(("sql", "users"),),
    ),
    FactSpec(
        "account",
        "A customer's tenant in the product.",
        ("account_id",),
        {
            "account_id": text("id of the account"),
            "company_id": text("the company in the CRM", nullable=True),
            "kind": text("kind of account", nullable=True),
            "plan_free_from_at": instant("when the free plan began", nullable=True),
            "plan_free_until_at": instant("when it ended", nullable=True),
            "signed_up_at": instant("when it was opened", nullable=True),
            "setup_completed_at": instant("when it was set up", nullable=True),
            "first_key_event_at": instant("first key event of any of its users", nullable=True),
            "first_dashboard_at": instant("first dashboard made", nullable=True),
        },
        reads=(("sql", "accounts"),),
        uses=("usage_day",),
    ),
    FactSpec(
        "dashboard",
        "A dashboard that a user made.",
        ("dashboard_id",),
        {
            "dashboard_id": text("id of the dashboard"),
            "user_id": text("who made it", nullable=True),
            "account_id": text("whose it is", nullable=True),
            "created_at": instant("when it was made"),
            "deleted_at": instant("when it was thrown away", nullable=True),
        },
        reads=(("sql", "dashboards"),),
    ),
    FactSpec(
        "active_dashboard",
        "A dashboard over a stretch of days on which it exists and its owner used the product in the 30 days before.",
        ("dashboard_id", "from_day"),
        {
            "dashboard_id": text("id of the dashboard"),
            "user_id": text("who made it"),
            "account_id": text("whose it is", nullable=True),
            "from_day": whole("first local day of the stretch (days since 1970-01-01)"),
            "until_day": whole("first local day after it, which may not have come yet"),
        },
        uses=("dashboard", "usage_day"),
    ),
    FactSpec(
        "connection_attempt",
        "The tries of an account to connect one data source, as one: it goes on until 24 hours pass without a try.",
        ("attempt_id",),
        {
            "attempt_id": text("id of the first try"),
            "account_id": text("the account"),
            "source_name": text("what it wanted to connect"),
            "first_attempt_at": instant("first try"),
            "succeeded_at": instant("first try that worked, if within 24 hours of the first", nullable=True),
            "tries": whole("how many"),
        },
        reads=(("sql", "connection_attempts"),),
    ),
    FactSpec(
        "sync",
        "A run of one of the product's collectors that succeeded.",
        ("source_name", "synced_at"),
        {"source_name": text("the source"), "synced_at": instant("when the run was done")},
        reads=(("sql", "syncs"),),
    ),
    FactSpec(
        "api_usage",
        "Calls of an account to the product's API on a local day.",
        ("account_id", "day"),
        {
            "account_id": text("the account"),
            "day": whole("local date (days since 1970-01-01)"),
            "calls": whole("how many"),
        },
        reads=(("sql", "api_calls"),),
    ),
    FactSpec(
        "assignment",
        "Work that a student began.",
        ("assignment_id",),
        {
            "assignment_id": text("id of the assignment of one student"),
            "student_id": text("the student, by pseudonym"),
            "account_id": text("the school's account", nullable=True),
            "started_at": instant("when it was begun"),
            "completed_at": instant("when it was done", nullable=True),
        },
        reads=(("sql", "assignments"),),
    ),
)
