"""The tables of a product database and the rows of a world in them; all instants are epoch milliseconds UTC.

What a reader sees are the views of `views`, which hide what has not happened yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kpi_pipeline.sandbox.world.model import Events, ProductAccount, ProductUse, World

EPOCH = date(1970, 1, 1)

SCHEMA = """
CREATE TABLE clock (stopped_ms INTEGER);
INSERT INTO clock VALUES (NULL);
CREATE TABLE event_name (place INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE all_users (place INTEGER PRIMARY KEY, id TEXT, account_id TEXT, role TEXT, enabled INTEGER,
    disabled INTEGER, profile_set INTEGER, internal INTEGER);
CREATE TABLE all_accounts (place INTEGER PRIMARY KEY, id TEXT, name TEXT, kind TEXT, company_id TEXT,
    signed_up INTEGER, free_from INTEGER, free_until INTEGER, setup_completed INTEGER);
CREATE TABLE all_dashboards (id TEXT, user_id TEXT, account_id TEXT, created INTEGER, deleted INTEGER);
CREATE TABLE all_attempts (id TEXT, account_id TEXT, source_name TEXT, at INTEGER, succeeded INTEGER);
CREATE TABLE all_assignments (id TEXT, student_id TEXT, account_id TEXT, started INTEGER, completed INTEGER);
CREATE TABLE all_tickets (id TEXT PRIMARY KEY, account_id TEXT, company_id TEXT, created INTEGER, resolved INTEGER,
    reopened INTEGER, product_line TEXT, priority TEXT, developer INTEGER, duplicate INTEGER);
CREATE TABLE all_replies (ticket_id TEXT, at INTEGER);
CREATE TABLE all_events (id INTEGER PRIMARY KEY, at INTEGER, recorded INTEGER, user INTEGER, event INTEGER);
CREATE TABLE all_sessions (id INTEGER PRIMARY KEY, user INTEGER, started INTEGER, ended INTEGER, page_views INTEGER);
CREATE TABLE sync_source (place INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE all_syncs (id INTEGER PRIMARY KEY, at INTEGER, source INTEGER, ok INTEGER);
CREATE TABLE all_api_calls (account INTEGER, day INTEGER, calls INTEGER, counted INTEGER);
"""
INDEXES = """
CREATE INDEX event_recorded ON all_events (recorded);
CREATE INDEX reply_ticket ON all_replies (ticket_id);
CREATE INDEX session_started ON all_sessions (started);
CREATE INDEX sync_at ON all_syncs (at);
CREATE INDEX call_counted ON all_api_calls (counted);
"""

Rows = Iterable[Sequence[Any]]


def contents(world: World) -> Iterator[tuple[str, Rows]]:
    """(table, its rows) for every table of the schema."""
    made = world.product
    yield "event_name", enumerate(made.events.names)
    yield (
        "all_users",
        (
            (
                place,
                u.id,
                u.account_id,
                u.role,
                ms(u.enabled_at),
                ms(u.disabled_at),
                ms(u.profile_set_at),
                int(u.internal),
            )
            for place, u in enumerate(made.users)
        ),
    )
    yield (
        "all_accounts",
        (
            (place, a.id, a.name, a.kind, a.company_id, ms(a.signed_up_at), *_plan(a))
            for place, a in enumerate(made.accounts)
        ),
    )
    yield (
        "all_dashboards",
        ((d.id, d.user_id, d.account_id, ms(d.created_at), ms(d.deleted_at)) for d in made.dashboards),
    )
    yield (
        "all_attempts",
        ((a.id, a.account_id, a.source_name, ms(a.attempted_at), int(a.succeeded)) for a in made.connection_attempts),
    )
    yield (
        "all_assignments",
        ((a.id, a.student_id, a.account_id, ms(a.started_at), ms(a.completed_at)) for a in made.assignments),
    )
    yield "all_tickets", _tickets(made)
    yield "all_replies", ((t.id, ms(at)) for t in made.tickets for at in t.replies)
    yield (
        "all_events",
        columns(
            np.arange(len(made.events.at)), made.events.at, recorded(made.events), made.events.user, made.events.event
        ),
    )
    visits = made.sessions
    yield (
        "all_sessions",
        columns(np.arange(len(visits.user)), visits.user, visits.started_at, visits.ended_at, visits.page_views),
    )
    yield "sync_source", enumerate(made.syncs.names)
    yield "all_syncs", columns(np.arange(len(made.syncs.at)), made.syncs.at, made.syncs.source, made.syncs.ok)
    zone = ZoneInfo(world.zone)
    after = {day: _midnight_ms(int(day) + 1, zone) for day in np.unique(made.api_use.day).tolist()}
    counted = np.array([after[day] for day in made.api_use.day.tolist()], np.int64)
    yield "all_api_calls", columns(made.api_use.account, made.api_use.day, made.api_use.calls, counted)


def recorded(events: Events) -> Any:
    """When each event was in the database."""
    return events.recorded_at if len(events.recorded_at) else events.at


def columns(*arrays: Any) -> Rows:
    return zip(*(array.tolist() for array in arrays), strict=True)


def ms(instant: datetime | None) -> int | None:
    """Epoch milliseconds; None stays None."""
    return None if instant is None else round(instant.timestamp() * 1000)


def _plan(account: ProductAccount) -> tuple[int | None, ...]:
    return ms(account.plan_free_from), ms(account.plan_free_until), ms(account.setup_completed_at)


def _tickets(made: ProductUse) -> Rows:
    for t in made.tickets:
        instants = (ms(t.created_at), ms(t.resolved_at), ms(t.reopened_at))
        flags = (int(t.developer_involved), int(t.is_duplicate))
        yield (t.id, t.account_id, t.company_id, *instants, t.product_line, t.priority, *flags)


def _midnight_ms(day: int, zone: ZoneInfo) -> int:
    local = datetime.combine(EPOCH + timedelta(days=day), time(), zone)
    return round(local.astimezone(UTC).timestamp() * 1000)
