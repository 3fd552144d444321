"""Who is active in the product, and how long a visit lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import World

PASSIVE = ("notification_delivered", "session_expired")
PAUSE_MS, LONGEST_MS = 30 * 60_000, 4 * 3_600_000
DAY_MS = 86_400_000
MINUTE_MS = 60_000
EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class Visit:
    started: int
    ended: int
    pages: int


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    deeds = _deeds(world, _ms(now))
    active: dict[date, set[int]] = {}
    for at, user, event in deeds:
        if event not in PASSIVE:
            active.setdefault(EPOCH + (at // DAY_MS) * DAY, set()).add(user)
    visits = _visits(deeds)
    found: Series = {name: {} for name in NAMES}
    for day in days:
        daily = [len(active.get(day.day - back * DAY, set())) for back in range(7)]
        month: set[int] = set()
        for back in range(30):
            month |= active.get(day.day - back * DAY, set())
        found["dau"][day.day] = ratio(sum(daily), 7, n=7)
        found["dau_daily"][day.day] = count(daily[0])
        found["mau"][day.day] = count(len(month))
        found["stickiness"][day.day] = _stickiness(sum(daily), len(month))
        start, end = _ms(day.days_back(7)), _ms(day.as_of)
        seen = [visit for visit in visits if start <= visit.started < end]
        long = sum(min(visit.ended - visit.started, LONGEST_MS) for visit in seen)
        pages = sum(visit.pages for visit in seen)
        found["avg_session_duration"][day.day] = ratio(long, len(seen), n=len(seen), scale=Fraction(1, MINUTE_MS))
        found["page_views_per_session"][day.day] = ratio(pages, len(seen), n=len(seen))
    return found


NAMES = ("dau", "dau_daily", "mau", "stickiness", "avg_session_duration", "page_views_per_session")


def _stickiness(active_days: int, month: int) -> TruthValue:
    """Mean daily users over those of 30 days; the parts are the two KPIs as they are shown."""
    mean, users = Decimal(active_days) / 7, Decimal(month)
    return TruthValue(mean * 100 / users if month else None, mean, users, min(7, month))


def _deeds(world: World, now_ms: int) -> list[tuple[int, int, str]]:
    """(at, user, event) of what outsiders did and the service knows at `now`, in order.

    What a device did before anybody had logged in on it belongs to the first who did.
    """
    events = world.product.events
    recorded = events.recorded_at.tolist() or events.at.tolist()
    devices = events.device.tolist()
    internal = [user.internal for user in world.product.users]
    names = [events.names[number] for number in events.event.tolist()]
    owner: dict[int, int] = {}
    found = []
    for user, device, shown in zip(events.user.tolist(), devices, recorded, strict=True):
        if shown <= now_ms and user >= 0 and device not in owner:
            owner[device] = user
    rows = zip(events.at.tolist(), events.user.tolist(), devices, recorded, names, strict=True)
    for at, user, device, shown, name in rows:
        if shown > now_ms:
            continue
        who = user if user >= 0 else owner.get(device, -1)
        if who >= 0 and not internal[who]:
            found.append((at, who, name))
    return found


def _visits(deeds: list[tuple[int, int, str]]) -> list[Visit]:
    """A pause of more than 30 minutes ends a visit."""
    running: dict[int, Visit] = {}
    found = []
    for at, user, event in deeds:
        visit = running.get(user)
        if visit is None or at - visit.ended > PAUSE_MS:
            visit = running[user] = Visit(at, at, 0)
            found.append(visit)
        visit.ended = at
        visit.pages += event == "page_view"
    return found


def _ms(instant: datetime) -> int:
    return milliseconds(instant - datetime(1970, 1, 1, tzinfo=instant.tzinfo))
