"""What users do in the product: about 1.5 million events in two years, drawn a day at a time in columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.world.datainsight_pro.people import Users
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, epoch_ms
from kpi_pipeline.sandbox.world.model.product import Events, Sessions

# The first eight make a user active; the six from dashboard_created on are the value actions and core features.
NAMES = (
    "dashboard_viewed", "insight_viewed", "dashboard_created", "data_source_connected", "report_generated",
    "collaboration", "advanced_analytics", "api_used", "login", "notification_delivered",
)  # fmt: skip
SHARES = (0.555, 0.15, 0.012, 0.008, 0.085, 0.065, 0.055, 0.03, 0.0, 0.04)
LOGIN = NAMES.index("login")
VALUE_ACTIONS = slice(2, 8)
LIKES = (0.74, 0.34, 0.66, 0.55, 0.47, 0.3)  # share of users who ever do each value action
SESSIONS_A_DAY = (0.40, 0.085)  # of a user of middling zeal, on weekdays and at weekends
EVENTS_A_SESSION = 6.2
GAP_MS = 110_000
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
LATE = 0.002
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Used:
    """A day's events (at, user, event) and sessions (user, started_at, ended_at, page views)."""

    at: Ints
    user: Ints
    event: Ints
    sessions: tuple[Ints, Ints, Ints, Ints]


def draw(scene: Scene, users: Users, first_steps: tuple[Ints, Ints, Ints]) -> tuple[Events, Sessions]:
    """All days together with what new accounts do in their first days; a few rows arrive a day or two late."""
    likes = np.ones((len(users), len(NAMES)), bool)
    likes[:, VALUE_ACTIONS] = np.random.default_rng([scene.seed, 10]).random((len(users), len(LIKES))) < LIKES
    days = [_day(scene, day, users, likes) for day in scene.all_days()]
    at, user, event = (
        np.concatenate([*(getattr(used, name) for used in days), first])
        for name, first in zip(("at", "user", "event"), first_steps, strict=True)
    )
    order = np.argsort(at, kind="stable")
    at, user, event = at[order], user[order], event[order]
    late = np.random.default_rng([scene.seed, 11]).random(len(at)) < LATE
    wait = np.random.default_rng([scene.seed, 12]).integers(HOUR_MS, 40 * HOUR_MS, len(at))
    columns = [np.concatenate([used.sessions[place] for used in days]) for place in range(4)]
    order = np.argsort(columns[1], kind="stable")
    sessions = Sessions(*(column[order] for column in columns))
    return Events(NAMES, at, user, event, recorded_at=at + np.where(late, wait, 0)), sessions


def _day(scene: Scene, day: date, users: Users, likes: NDArray[np.bool_]) -> Used:
    rng = np.random.default_rng([scene.seed, 13, day.toordinal()])
    start = epoch_ms(scene.days.start(day))
    rate = SESSIONS_A_DAY[0 if day.weekday() < 5 else 1]
    present = np.flatnonzero((users.enabled <= start) & (users.disabled > start))
    who = np.repeat(present, rng.poisson(users.zeal[present] * rate))
    count = len(who)
    begin = start + (6.5 * HOUR_MS + rng.beta(2, 2.4, count) * 13 * HOUR_MS).astype(np.int64)
    begin[rng.random(count) < 0.004] = start + DAY_MS - 3 * 60_000  # over midnight
    length = 1 + rng.geometric(1 / EVENTS_A_SESSION, count)
    session = np.repeat(np.arange(count), length)
    first = np.concatenate(([0], np.cumsum(length)[:-1])).astype(np.int64)
    place = np.arange(len(session)) - first[session]
    gap = np.where(place == 0, 0, rng.gamma(1.2, GAP_MS / 1.2, len(session))).astype(np.int64)
    total = np.cumsum(gap)
    at = begin[session] + total - total[first][session] if count else total
    event = rng.choice(len(NAMES), len(session), p=SHARES)
    event[place == 0] = LOGIN
    user = who[session]
    event = np.where(likes[user, event], event, 0)  # who does not like a feature looks at a dashboard instead
    ended = at[first + length - 1] if count else total
    # Somebody leaves the screen open over lunch and longer: such a visit is cut at four hours by whoever counts.
    ended = ended + np.where(rng.random(count) < 0.003, 5 * HOUR_MS, 0)
    return Used(at, user, event, (who, begin, ended, length.astype(np.int64)))
