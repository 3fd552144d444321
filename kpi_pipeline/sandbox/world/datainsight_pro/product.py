"""The product database: accounts with their first steps, and what follows from the events."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.world.datainsight_pro import helpdesk, usage
from kpi_pipeline.sandbox.world.datainsight_pro.people import Users, users
from kpi_pipeline.sandbox.world.datainsight_pro.scene import EPOCH, Scene, between, epoch_ms
from kpi_pipeline.sandbox.world.datainsight_pro.tenants import Tenant
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.model import (
    ApiUse,
    ConnectionAttempt,
    Dashboard,
    Events,
    ProductAccount,
    ProductUse,
    Syncs,
    World,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY_MS, MINUTE_MS = 86_400_000, 60_000
SOURCES = ("postgres", "salesforce", "hubspot", "google_sheets", "snowflake", "stripe")
COLLECTORS = ("postgres", "salesforce", "hubspot", "snowflake", "stripe", "google_sheets")
SYNC_EVERY_MS = 11 * MINUTE_MS
DELETED = 0.17
USES_API = 0.4
Ints = NDArray[np.int64]
Step = tuple[int, int, int]


def fill(world: World, scene: Scene, tenants: list[Tenant]) -> None:
    people = users(scene, tenants)
    steps, attempts = _first_steps(scene, tenants, people)
    events, sessions = usage.draw(scene, people, steps)
    world.product = ProductUse(
        users=people.records,
        accounts=[_account(scene, tenant) for tenant in tenants],
        dashboards=_dashboards(scene, people, events),
        connection_attempts=sorted(
            [*attempts, *_attempts(scene, people, events)], key=lambda each: (each.attempted_at, each.id)
        ),
        tickets=helpdesk.tickets(scene, tenants),
        events=events,
        sessions=sessions,
        syncs=_syncs(scene),
        api_use=_api_use(scene, tenants),
    )


def _account(scene: Scene, tenant: Tenant) -> ProductAccount:
    """Most set up within two weeks; exactly 14 days and a second more are on either side of the line."""
    r = scene.stream("setup", tenant.number)
    draw = r.random()
    after = between(r, HOUR, 9 * DAY) if draw < 0.83 else between(r, 15 * DAY, 40 * DAY) if draw < 0.9 else None
    if tenant.number % 97 == 13:
        after = 14 * DAY
    if tenant.number % 97 == 14:
        after = 14 * DAY + timedelta(seconds=1)
    return ProductAccount(
        tenant.account_id,
        tenant.name,
        "customer",
        tenant.signed_up_at,
        company_id=str(tenant.organisation_id),
        setup_completed_at=None if after is None else tenant.signed_up_at + after,
    )


def _first_steps(
    scene: Scene, tenants: list[Tenant], people: Users
) -> tuple[tuple[Ints, Ints, Ints], list[ConnectionAttempt]]:
    """What the first user of a new account does in the first days: log in, connect, make a dashboard, see something."""
    rows: list[Step] = []
    attempts: list[ConnectionAttempt] = []
    names = usage.NAMES
    for tenant in tenants:
        r = scene.stream("first steps", tenant.number)
        at, who = tenant.signed_up_at, people.admin_of[tenant.number]
        rows.append((epoch_ms(at + MINUTE), who, names.index("login")))
        if r.random() < 0.2:  # looked once and never again
            continue
        connects = at + between(r, 5 * MINUTE, 5 * HOUR)
        works = r.random() < 0.93
        attempts += _tries(
            f"first-{tenant.number}", tenant.account_id, SOURCES[int(r.random() * 6)], connects, r.random(), works=works
        )
        if works:
            rows.append((epoch_ms(connects), who, names.index("data_source_connected")))
        hours = min(r.lognormvariate(2.5, 0.8), 200.0)
        seen = at + timedelta(seconds=int(hours * 3600))
        if r.random() < 0.94:
            made = (
                seen - between(r, MINUTE, 3 * MINUTE) if r.random() < 0.9 else seen + between(r, 30 * HOUR, 60 * HOUR)
            )
            rows.append((epoch_ms(made), who, names.index("dashboard_created")))
        rows.append((epoch_ms(seen), who, names.index("insight_viewed")))
    columns = np.array(rows, np.int64).T
    return (columns[0], columns[1], columns[2]), attempts


def _tries(
    key: str, account_id: str, source: str, at: datetime, draw: float, *, works: bool
) -> list[ConnectionAttempt]:  # fmt: skip
    """One try, or one that fails before the next; those that never work are tried three times."""
    tries = 3 if not works else 2 if draw < 0.13 else 1
    return [
        ConnectionAttempt(f"{key}-{number}", account_id, source, at - (tries - 1 - number) * 20 * MINUTE,
                          works and number == tries - 1)
        for number in range(tries)
    ]  # fmt: skip


def _dashboards(scene: Scene, people: Users, events: Events) -> list[Dashboard]:
    """One for each time that somebody made one; some are thrown away again."""
    made = np.flatnonzero(events.event == usage.NAMES.index("dashboard_created"))
    gone = np.random.default_rng([scene.seed, 30]).random(len(made)) < DELETED
    after = np.random.default_rng([scene.seed, 35]).integers(60 * MINUTE_MS, 240 * DAY_MS, len(made))
    found = []
    for number, (place, deleted, wait) in enumerate(zip(made.tolist(), gone.tolist(), after.tolist(), strict=True)):
        user = people.records[int(events.user[place])]
        at = int(events.at[place])
        ends = _instant(at + wait) if deleted else None
        found.append(Dashboard(f"dash-{number:06d}", user.id, user.account_id or "", _instant(at), ends))
    return found


def _attempts(scene: Scene, people: Users, events: Events) -> list[ConnectionAttempt]:
    """Every connected source was tried, some more than once; one in fourteen further tries never works."""
    connected = np.flatnonzero(events.event == usage.NAMES.index("data_source_connected"))
    found: list[ConnectionAttempt] = []
    for number, place in enumerate(connected.tolist()):
        user = people.records[int(events.user[place])]
        if user.account_id is None:
            continue
        r = scene.stream("attempt", number)
        at, source = _instant(int(events.at[place])), SOURCES[int(r.random() * 6)]
        if r.random() < 0.03:  # failed for more than a day before it worked: that first attempt failed
            found.append(ConnectionAttempt(f"try-{number}-0", user.account_id, source, at - 23 * HOUR, succeeded=False))
            found.append(ConnectionAttempt(f"try-{number}-1", user.account_id, source, at + 2 * HOUR, succeeded=True))
            continue
        found += _tries(f"try-{number}", user.account_id, source, at, r.random(), works=r.random() > 0.04)
    return found


def _syncs(scene: Scene) -> Syncs:
    """Each collector runs about every eleven minutes, and one in thirty runs fails; one stood still for a morning."""
    start = epoch_ms(scene.days.start(scene.scraped_days()[0]))
    stop = epoch_ms(scene.horizon)
    silent_from, silent_until = (epoch_ms(at) for at in scene.silent_source)
    ats, sources, oks = [], [], []
    for source in range(len(COLLECTORS)):
        rng = np.random.default_rng([scene.seed, 31, source])
        at = np.arange(start + source * 70_000, stop, SYNC_EVERY_MS, dtype=np.int64)
        at = at + rng.integers(0, 4 * MINUTE_MS, len(at))
        if source == 1:
            at = at[(at < silent_from) | (at >= silent_until)]
        ats.append(at)
        sources.append(np.full(len(at), source, np.int64))
        oks.append((np.random.default_rng([scene.seed, 33, source]).random(len(at)) > 1 / 30).astype(np.int64))
    at, source_column, ok = np.concatenate(ats), np.concatenate(sources), np.concatenate(oks)
    order = np.argsort(at, kind="stable")
    return Syncs(COLLECTORS, at[order], source_column[order], ok[order])


def _api_use(scene: Scene, tenants: list[Tenant]) -> ApiUse:
    """Four of ten paying accounts call the API on most days, a fifth more every month."""
    accounts, days, calls = [], [], []
    for place, tenant in enumerate(tenants):
        if tenant.paid_at is None or scene.stream("api", tenant.number).random() >= USES_API:
            continue
        first = (tenant.paid_at - EPOCH).days
        ends = [end for _, end in tenant.spans]
        last = (scene.horizon - EPOCH).days - 1
        known = [end for end in ends if end is not None]
        if ends and len(known) == len(ends):
            last = min(last, (max(known) - EPOCH).days)
        day = np.arange(first, last + 1, dtype=np.int64)
        day = day[np.random.default_rng([scene.seed, 32, tenant.number]).random(len(day)) < 0.8]
        months = (day - (scene.starts_at - EPOCH).days) / 30.4375
        size = np.random.default_rng([scene.seed, 34, tenant.number]).gamma(3.0, 60.0, len(day))
        accounts.append(np.full(len(day), place, np.int64))
        days.append(day)
        calls.append((size * 1.09**months).astype(np.int64))
    account, day, called = np.concatenate(accounts), np.concatenate(days), np.concatenate(calls)
    order = np.lexsort((account, day))
    return ApiUse(account[order], day[order], called[order])


def _instant(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)
