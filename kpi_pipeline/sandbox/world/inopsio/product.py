"""Who uses Inopsio and what they do in it: a row an event, drawn by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.world.inopsio.scene import Scene
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.model.product import NONE, Events, ProductAccount, ProductUse, ProductUser

# The first is what a page shows by itself; the last two happen to a user who does nothing and do not make him active.
NAMES = (
    "page_view", "login", "record_saved", "report_viewed", "workflow_started", "message_sent",
    "notification_delivered", "session_expired",
)  # fmt: skip
SHARES = (0.76, 0.0, 0.08, 0.05, 0.03, 0.04, 0.03, 0.01)
ACCOUNTS, USERS_AN_ACCOUNT = 160, 5
INTERNAL = 9  # own staff, testers and two bots
BOT_EVENTS_A_DAY = 12
DAY_MS, MINUTE_MS = 86_400_000, 60_000
LONGEST_MS = 5 * 3_600_000  # longer than the four hours that count
Ints = NDArray[np.int64]


def fill(world: World, scene: Scene) -> None:
    users = _users(scene)
    world.product = ProductUse(
        users=users,
        accounts=[
            ProductAccount(f"acc-{number:03d}", f"Tenant {number:03d}", "customer", _joined(scene, number))
            for number in range(ACCOUNTS)
        ],
        events=_events(scene, users),
    )


def _joined(scene: Scene, account: int) -> datetime:
    """Half were there at the beginning, the others came one after another."""
    late = max(0, account - ACCOUNTS // 2)
    span = (scene.days.start(scene.anchor) - scene.days.start(scene.first)).days
    return scene.days.start(scene.first) - timedelta(days=30) + timedelta(days=late * span // (ACCOUNTS // 2))


def _users(scene: Scene) -> list[ProductUser]:
    found = []
    for account in range(ACCOUNTS):
        for number in range(USERS_AN_ACCOUNT):
            r = scene.stream("user", account, number)
            enabled = _joined(scene, account) + timedelta(days=int(r.random() * 60))
            left = enabled + timedelta(days=120 + int(r.random() * 300)) if r.random() < 0.2 else None
            role = "admin" if number == 0 else "member"
            found.append(ProductUser(f"usr-{account:03d}-{number}", f"acc-{account:03d}", role, enabled, left))
    opened = scene.days.start(scene.first)
    for number in range(INTERNAL):
        role = "bot" if number < 2 else "staff"
        found.append(ProductUser(f"int-{number:02d}", None, role, opened, internal=True))
    return found


def _events(scene: Scene, users: list[ProductUser]) -> Events:
    """All days' sessions, and a few late rows: phones that were offline report a day or two later."""
    begins = np.array([_ms(user.enabled_at) for user in users], np.int64)
    ends = np.array([_ms(user.disabled_at) if user.disabled_at else 2**62 for user in users], np.int64)
    keen = np.random.default_rng([scene.seed, 1]).pareto(1.6, len(users)) + 0.15
    parts = [_day(scene, day.toordinal(), _ms(scene.days.start(day)), begins, ends, keen) for day in scene.all_days()]
    at, user, event, device = (np.concatenate([part[column] for part in parts]) for column in range(4))
    order = np.argsort(at, kind="stable")
    at, user, event, device = at[order], user[order], event[order], device[order]
    late = np.random.default_rng([scene.seed, 2]).random(len(at)) < 0.002
    wait = np.random.default_rng([scene.seed, 3]).integers(3_600_000, 40 * 3_600_000, len(at))
    return Events(NAMES, at, user, event, recorded_at=at + np.where(late, wait, 0), device=device)


def _day(
    scene: Scene, ordinal: int, start: int, begins: Ints, ends: Ints, keen: NDArray[np.float64]
) -> tuple[Ints, Ints, Ints, Ints]:
    """at, user, event, device of the sessions that start on one day."""
    rng = np.random.default_rng([scene.seed, 4, ordinal])
    present = np.flatnonzero((begins <= start) & (ends > start) & (np.arange(len(keen)) < len(keen) - INTERNAL))
    working = (ordinal - 1) % 7 < 5
    count = int(rng.poisson(len(present) * (0.14 if working else 0.04)))
    who = rng.choice(present, count, p=keen[present] / keen[present].sum())
    begin = start + (7 * 3_600_000 + rng.random(count) * 13.5 * 3_600_000).astype(np.int64)
    begin[rng.random(count) < 0.01] = start + DAY_MS - 5 * MINUTE_MS  # over midnight
    length = np.where(rng.random(count) < 0.08, 1, 2 + rng.geometric(0.11, count)).astype(np.int64)
    marathon = rng.random(count) < 0.002  # somebody who never pauses for five hours
    length[marathon] = 26
    session = np.repeat(np.arange(count), length)
    first = np.concatenate(([0], np.cumsum(length)[:-1]))
    place = np.arange(len(session)) - first[session] if count else np.empty(0, np.int64)
    gap = np.where(place == 0, 0, rng.gamma(1.3, 1.45 * MINUTE_MS, len(session))).astype(np.int64)
    gap[(place > 0) & marathon[session]] = LONGEST_MS // 25
    total = np.cumsum(gap)
    at = begin[session] + total - total[first][session] if count else np.empty(0, np.int64)
    event = rng.choice(len(NAMES), len(session), p=SHARES)
    event[place == 1] = 1
    event[place == 0] = 0
    user, device = who[session].astype(np.int64), who[session].astype(np.int64) * 10
    # One session in six is on another device, and nobody is logged in on its first page: the login says who it was.
    other = rng.random(count) < 0.17
    device = device + np.where(other[session], 1, 0)
    user[(place == 0) & other[session] & (length[session] > 1)] = NONE
    bots = len(keen) - INTERNAL + rng.integers(0, INTERNAL, BOT_EVENTS_A_DAY)
    noise = start + (rng.random(BOT_EVENTS_A_DAY) * DAY_MS).astype(np.int64)
    return (
        np.concatenate((at, noise)),
        np.concatenate((user, bots)),
        np.concatenate((event, np.zeros(BOT_EVENTS_A_DAY, np.int64))),
        np.concatenate((device, bots * 10)),
    )


def _ms(instant: datetime) -> int:
    return int((instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
