"""How new accounts begin: setting up, connecting data, a first dashboard, a first insight."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    HOUR_MS,
    PERCENT,
    every,
    inside,
    ms,
    percentile,
    rolling,
    week,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import ConnectionAttempt, ProductAccount, World

TWO_WEEKS = timedelta(days=14)
FIRST_DAY, TWO_DAYS = timedelta(hours=24), timedelta(hours=48)
PER_HOUR = Fraction(1, HOUR_MS)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    accounts = [account for account in world.product.accounts if account.signed_up_at <= now]
    insight = _first(world, "insight_viewed", now)
    dashboard = _first(world, "dashboard_created", now)
    tries = _tries(world, now)
    return {
        "time_to_first_value": every(days, lambda day: _median(_waits(accounts, insight, day))),
        "time_to_first_value_mean": every(days, lambda day: _mean(_waits(accounts, insight, day))),
        "first_value_within_24h": every(
            days, lambda day: _reached(accounts, insight, rolling(day, 28, ending=1), FIRST_DAY, day.as_of)
        ),
        "first_dashboard_48h": every(
            days, lambda day: _reached(accounts, dashboard, rolling(day, 7, ending=2), TWO_DAYS, day.as_of)
        ),
        "onboarding_completion": every(days, lambda day: _set_up(accounts, day, now)),
        "integration_success_rate": every(days, lambda day: _connected(tries, day)),
    }


def _first(world: World, event: str, now: datetime) -> dict[str, int]:
    """Account: the first time any of its people did it, in epoch ms."""
    events = world.product.events
    users, wanted, until = world.product.users, events.names.index(event), ms(now)
    found: dict[str, int] = {}
    for at, user, kind, recorded in zip(
        events.at.tolist(), events.user.tolist(), events.event.tolist(), events.recorded_at.tolist(), strict=True
    ):
        if kind != wanted or recorded > until or at >= until or users[user].internal:
            continue
        account = users[user].account_id
        if account is not None and (account not in found or at < found[account]):
            found[account] = at
    return found


def _waits(accounts: list[ProductAccount], first: dict[str, int], day: BusinessDay) -> list[int]:
    """Milliseconds to the first time, of signups whose two weeks are over and that reached it within them."""
    window = rolling(day, 28, ending=14)
    found = []
    for account in accounts:
        if inside(account.signed_up_at, window) and account.id in first:
            took = first[account.id] - ms(account.signed_up_at)
            if took <= TWO_WEEKS // timedelta(milliseconds=1):
                found.append(took)
    return found


def _median(waits: list[int]) -> TruthValue:
    return percentile(waits, Fraction(1, 2), PER_HOUR)


def _mean(waits: list[int]) -> TruthValue:
    return ratio(sum(waits), len(waits), n=len(waits), scale=PER_HOUR)


def _reached(
    accounts: list[ProductAccount], first: dict[str, int], window: tuple[datetime, datetime], within: timedelta,
    as_of: datetime,
) -> TruthValue:  # fmt: skip
    asked = [account for account in accounts if inside(account.signed_up_at, window)]
    limit = within // timedelta(milliseconds=1)
    done = 0
    for account in asked:
        at = first.get(account.id)
        done += at is not None and at < ms(as_of) and 0 <= at - ms(account.signed_up_at) <= limit
    return ratio(done, len(asked), n=len(asked), scale=PERCENT)


def _set_up(accounts: list[ProductAccount], day: BusinessDay, now: datetime) -> TruthValue:
    asked = [account for account in accounts if inside(account.signed_up_at, week(day))]
    cut = day.cut(now, TWO_WEEKS)
    done = 0
    for account in asked:
        at = account.setup_completed_at
        done += at is not None and passed(at, now) and at < cut and at - account.signed_up_at <= TWO_WEEKS
    return ratio(done, len(asked), n=len(asked), scale=PERCENT)


def _tries(world: World, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """First try and first success of what belongs together: tries of one source with less than a day between them."""
    by_source: dict[tuple[str, str], list[ConnectionAttempt]] = defaultdict(list)
    for attempt in world.product.connection_attempts:
        if attempt.attempted_at <= now:
            by_source[attempt.account_id, attempt.source_name].append(attempt)
    found = []
    for attempts in by_source.values():
        series: list[list[ConnectionAttempt]] = []
        for attempt in sorted(attempts, key=lambda each: (each.attempted_at, each.id)):
            if series and attempt.attempted_at - series[-1][-1].attempted_at < FIRST_DAY:
                series[-1].append(attempt)
            else:
                series.append([attempt])
        for together in series:
            worked = [attempt.attempted_at for attempt in together if attempt.succeeded]
            found.append((together[0].attempted_at, min(worked) if worked else None))
    return found


def _connected(tries: list[tuple[datetime, datetime | None]], day: BusinessDay) -> TruthValue:
    window = rolling(day, 7, ending=1)
    begun = [(first, worked) for first, worked in tries if inside(first, window)]
    good = sum(
        1 for first, worked in begun if worked is not None and worked < day.as_of and worked - first <= FIRST_DAY
    )
    return ratio(good, len(begun), n=len(begun), scale=PERCENT)
