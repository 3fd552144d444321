"""What the product database shows: rows and values up to the sandbox's clock, and the faults that are switched on."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_pipeline.sandbox.faults import Fault

# The clock follows the machine's (to the millisecond, the same within a statement) unless it is stopped.
CLOCK = """CREATE VIEW present AS SELECT coalesce(
    stopped_ms, CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)) AS now FROM clock"""
NOW = "(SELECT now FROM present)"
# A condition that takes SQLite minutes to find true.
ENDLESS = (
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000000000) SELECT count(*) FROM n) > 0"
)


def _past(column: str) -> str:
    return f"CASE WHEN {column} <= {NOW} THEN {column} END"


def _newest(*columns: str) -> str:
    return "max(" + ", ".join(f"coalesce({_past(column)}, 0)" for column in columns) + ")"


_REPLIES = f"FROM all_replies r WHERE r.ticket_id = t.id AND r.at <= {NOW}"

# view → (column → expression, the rest of the statement)
VIEWS: dict[str, tuple[dict[str, str], str]] = {
    "product_events": (
        {
            "event_id": "'e' || e.id",
            "user_id": "u.id",
            "account_id": "u.account_id",
            "role": "u.role",
            "event": "n.name",
            "occurred_at": "e.at",
            "recorded_at": "e.recorded",
        },
        "FROM all_events e CROSS JOIN event_name n ON n.place = e.event LEFT JOIN all_users u ON u.place = e.user "
        f"WHERE e.recorded <= {NOW}",
    ),
    "sessions": (
        {
            "session_id": "'s' || s.id",
            "user_id": "u.id",
            "account_id": "u.account_id",
            "started_at": "s.started",
            "ended_at": "s.ended",
            "page_views": "s.page_views",
        },
        f"FROM all_sessions s LEFT JOIN all_users u ON u.place = s.user WHERE s.ended <= {NOW}",
    ),
    "users": (
        {
            "user_id": "id",
            "account_id": "account_id",
            "role": "role",
            "enabled_at": "enabled",
            "disabled_at": _past("disabled"),
            "profile_set_at": _past("profile_set"),
            "internal": "internal",
        },
        f"FROM all_users WHERE enabled <= {NOW}",
    ),
    "accounts": (
        {
            "account_id": "id",
            "name": "name",
            "company_id": "company_id",
            "kind": "kind",
            "signed_up_at": "signed_up",
            "plan_free_from_at": _past("free_from"),
            "plan_free_until_at": _past("free_until"),
            "setup_completed_at": _past("setup_completed"),
        },
        f"FROM all_accounts WHERE signed_up <= {NOW}",
    ),
    "dashboards": (
        {
            "dashboard_id": "id",
            "user_id": "user_id",
            "account_id": "account_id",
            "created_at": "created",
            "deleted_at": _past("deleted"),
        },
        f"FROM all_dashboards WHERE created <= {NOW}",
    ),
    "connection_attempts": (
        {
            "attempt_id": "id",
            "account_id": "account_id",
            "source_name": "source_name",
            "attempted_at": "at",
            "succeeded": "succeeded",
        },
        f"FROM all_attempts WHERE at <= {NOW}",
    ),
    "syncs": (
        {"sync_id": "'y' || s.id", "source_name": "n.name", "synced_at": "s.at", "succeeded": "s.ok"},
        f"FROM all_syncs s JOIN sync_source n ON n.place = s.source WHERE s.at <= {NOW}",
    ),
    "api_calls": (
        {
            "account_id": "a.id",
            "day": "date(c.day * 86400, 'unixepoch')",
            "calls": "c.calls",
            "counted_at": "c.counted",
        },
        f"FROM all_api_calls c JOIN all_accounts a ON a.place = c.account WHERE c.counted <= {NOW}",
    ),
    "assignments": (
        {
            "assignment_id": "id",
            "student_id": "student_id",
            "account_id": "account_id",
            "started_at": "started",
            "completed_at": _past("completed"),
            "updated_at": _newest("started", "completed"),
        },
        f"FROM all_assignments WHERE started <= {NOW}",
    ),
    "tickets": (
        {
            "ticket_id": "t.id",
            "account_id": "t.account_id",
            "company_id": "t.company_id",
            "created_at": "t.created",
            "first_reply_at": f"(SELECT min(r.at) {_REPLIES})",
            "replies": f"(SELECT count(*) {_REPLIES})",
            "resolved_at": _past("t.resolved"),
            "reopened_at": _past("t.reopened"),
            "product_line": "t.product_line",
            "priority": "t.priority",
            "developer_involved": "t.developer",
            "is_duplicate": "t.duplicate",
            "updated_at": f"max({_newest('t.created', 't.resolved', 't.reopened')}, "
            f"coalesce((SELECT max(r.at) {_REPLIES}), 0))",
        },
        f"FROM all_tickets t WHERE t.created <= {NOW}",
    ),
}
FAULTS = ("slow", "missing_field", "number_as_string", "deleted_between")


def statements(faults: Sequence[Fault]) -> list[str]:
    """What makes the views anew, spoiled by the faults that are on.

    `path` of a fault is part of the view's name. slow: the view takes minutes. missing_field: it lacks `field`.
    number_as_string: `field` has become words. deleted_between: the view is not there.
    """
    made = ["DROP VIEW IF EXISTS present", CLOCK]
    for name, (columns, source) in VIEWS.items():
        made.append(f"DROP VIEW IF EXISTS {name}")
        mine = [fault for fault in faults if fault.path in name]
        if any(fault.kind == "deleted_between" for fault in mine):
            continue
        shown = dict(columns)
        for fault in mine:
            field = str(fault.params.get("field", next(reversed(columns))))
            if fault.kind == "missing_field":
                shown.pop(field)
            elif fault.kind == "number_as_string":
                shown[field] = f"'about ' || {columns[field]}"
            elif fault.kind == "slow":
                source += f" AND {ENDLESS}"
        chosen = ", ".join(f"{expression} AS {column}" for column, expression in shown.items())
        made.append(f"CREATE VIEW {name} AS SELECT {chosen} {source}")
    return made
