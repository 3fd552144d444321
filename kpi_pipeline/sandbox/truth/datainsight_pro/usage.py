"""Who used the product: users by day and month, value actions, features, dashboards, sessions and API calls."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    DAY_MS,
    PERCENT,
    days_of,
    every,
    first_of_month,
    month_ends_before,
    ms,
    rolling,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import World

ACTIVE = (
    "dashboard_viewed", "insight_viewed", "dashboard_created", "data_source_connected", "report_generated",
    "collaboration", "advanced_analytics", "api_used",
)  # fmt: skip
VALUE_ACTIONS = {
    "users_creating_dashboards": "dashboard_created",
    "users_connecting_sources": "data_source_connected",
    "users_generating_reports": "report_generated",
    "users_collaborating": "collaboration",
    "users_of_advanced_analytics": "advanced_analytics",
    "users_of_the_api": "api_used",
}
MANY_FEATURES = 3
LONGEST_MS = 4 * 3_600_000
PER_MINUTE = Fraction(1, 60_000)
ByDay = dict[int, set[int]]  # day number: users


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    use = Use(world, days[0].day - timedelta(days=31), now)
    found: Series = {
        "monthly_active_users": every(days, lambda day: count(len(use.active(day, 30)))),
        "daily_active_users": every(days, lambda day: count(len(use.active(day, 1)))),
        "daily_active_users_mean": every(days, lambda day: _mean_active(use, day, weekend=True)),
        "weekday_active_users_mean": every(days, lambda day: _mean_active(use, day, weekend=False)),
        "feature_adoption_core": every(days, lambda day: _adoption(use, day)),
        "enabled_users": every(days, lambda day: _enabled(world, day, now)),
        "dashboards_total": every(days, lambda day: count(len(_dashboards(world, day, now)))),
        "dashboards_of_active_users": every(days, lambda day: _of_active_users(world, use, day, now)),
        "session_duration": _sessions(world, days, now),
        "api_calls_per_day": _api_calls(world, days, now),
    }
    for kpi, event in VALUE_ACTIONS.items():
        found[kpi] = every(days, lambda day, event=event: count(len(use.doing(event, day, 30))))  # type: ignore[misc]
    return found


class Use:
    """Which outside users did what on each day, from a first day on; rows that the database had by `now`."""

    def __init__(self, world: World, first: date, now: datetime) -> None:
        events = world.product.events
        self.did: dict[str, ByDay] = {name: defaultdict(set) for name in events.names}
        ours = {place for place, user in enumerate(world.product.users) if user.internal}
        ats, users, kinds = events.at.tolist(), events.user.tolist(), events.event.tolist()
        recorded = events.recorded_at.tolist()
        until = ms(now)
        for place in range(bisect_left(ats, (first - date(1970, 1, 1)).days * DAY_MS), len(ats)):
            if recorded[place] <= until and ats[place] < until and users[place] not in ours:
                self.did[events.names[kinds[place]]][ats[place] // DAY_MS].add(users[place])

    def doing(self, event: str, day: BusinessDay, length: int) -> set[int]:
        """Users who did it in the so many days that end with the day."""
        found: set[int] = set()
        number = (day.day - date(1970, 1, 1)).days
        for back in range(length):
            found |= self.did[event].get(number - back, set())
        return found

    def active(self, day: BusinessDay, length: int) -> set[int]:
        found: set[int] = set()
        for event in ACTIVE:
            found |= self.doing(event, day, length)
        return found


def _mean_active(use: Use, day: BusinessDay, *, weekend: bool) -> TruthValue:
    """Mean number of active users of the 30 days, or of their weekdays."""
    total, counted = 0, 0
    for back in range(30):
        one = BusinessDay(day.zone, day.day - timedelta(days=back), day.start, day.as_of)
        if weekend or one.day.weekday() < 5:
            counted += 1
            total += len(use.active(one, 1))
    return ratio(total, counted, n=counted)


def _adoption(use: Use, day: BusinessDay) -> TruthValue:
    features: dict[int, int] = defaultdict(int)
    for event in VALUE_ACTIONS.values():
        for user in use.doing(event, day, 30):
            features[user] += 1
    active = use.active(day, 30)
    many = sum(1 for number in features.values() if number >= MANY_FEATURES)
    return ratio(many, len(active), n=len(active), scale=PERCENT)


def _enabled(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    return count(
        sum(
            1
            for user in world.product.users
            if not user.internal
            and user.enabled_at < day.as_of
            and not (passed(user.disabled_at, now) and user.disabled_at is not None and user.disabled_at < day.as_of)
        )
    )


def _dashboards(world: World, day: BusinessDay, now: datetime) -> list[str]:
    """Owners of the dashboards that exist at the end of the day."""
    return [
        dashboard.user_id
        for dashboard in world.product.dashboards
        if dashboard.created_at < day.as_of
        and not (dashboard.deleted_at is not None and dashboard.deleted_at < day.as_of and dashboard.deleted_at <= now)
    ]


def _of_active_users(world: World, use: Use, day: BusinessDay, now: datetime) -> TruthValue:
    active = {world.product.users[place].id for place in use.active(day, 30)}
    return count(sum(1 for owner in _dashboards(world, day, now) if owner in active))


def _sessions(world: World, days: list[BusinessDay], now: datetime) -> dict[date, TruthValue]:
    """Minutes of the visits that were over by the end of the day; the database has a visit once it is over."""
    sessions = world.product.sessions
    ours = {place for place, user in enumerate(world.product.users) if user.internal}
    until, first = ms(now), ms(rolling(days[0], 7)[0])
    visits = []
    for user, started, ended in zip(
        sessions.user.tolist(), sessions.started_at.tolist(), sessions.ended_at.tolist(), strict=True
    ):
        if first <= started and ended < until and user not in ours:
            visits.append((started, ended))
    found = {}
    for day in days:
        start, end = (ms(at) for at in rolling(day, 7))
        lasted = [min(ended - started, LONGEST_MS) for started, ended in visits if start <= started and ended < end]
        found[day.day] = ratio(sum(lasted), len(lasted), n=len(lasted), scale=PER_MINUTE)
    return found


def _api_calls(world: World, days: list[BusinessDay], now: datetime) -> dict[date, TruthValue]:
    """Calls a day of the month so far; a day's calls are there once it is over."""
    calls: dict[int, int] = defaultdict(int)
    use = world.product.api_use
    for day_number, called in zip(use.day.tolist(), use.calls.tolist(), strict=True):
        if (day_number + 1) * DAY_MS <= ms(now):
            calls[day_number] += called
    wanted = {day.day for day in days} | {end for day in days for end in month_ends_before(day.day, 1)}
    found = {}
    for day in days_of(world.zone, wanted, now):
        first, last = (each.toordinal() - date(1970, 1, 1).toordinal() for each in (first_of_month(day.day), day.day))
        total = sum(calls[number] for number in range(first, last + 1))
        found[day.day] = ratio(total, last - first + 1, n=last - first + 1)
    return found
