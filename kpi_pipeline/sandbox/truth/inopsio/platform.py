"""The platform's requests, latency and database by counters that are read at full hours; and its uptime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial

from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.queues import quantile
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, ratio
from kpi_pipeline.sandbox.truth.website import availability
from kpi_pipeline.sandbox.world.model import World

HOUR = timedelta(hours=1)
LATENCY = "api_latency_ms"
REQUESTS, TIMEOUTS = "http_requests_total", "http_request_timeouts_total"
DB_TIME, DB_CALLS = "pg_stat_statements_exec_time_ms_total", "pg_stat_statements_calls_total"
REQUIRED = ("Platform", "API")
Labels = tuple[tuple[str, str], ...]
Growth = list[tuple[datetime, Fraction]]
Hours = dict[datetime, Fraction]


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    failed = _rises(world, now, REQUESTS, lambda labels: dict(labels)["status"].startswith("5"))
    requests, timeouts = _rises(world, now, REQUESTS), _rises(world, now, TIMEOUTS)
    spent, calls = _rises(world, now, DB_TIME), _rises(world, now, DB_CALLS)
    buckets = [_observed(world, now, partial(_inside, bound)) for bound in (*world.histogram_bounds, float("inf"))]
    total, observed = _observed(world, now, _exactly), buckets[-1]
    found: Series = {name: {} for name in NAMES}
    for day in days:
        late = _over(timeouts, day)
        found["error_rate"][day.day] = _ratio(_over(failed, day) + late, _over(requests, day) + late, Fraction(100))
        found["db_query_time"][day.day] = _ratio(_over(spent, day), _over(calls, day))
        found["api_latency_mean"][day.day] = _ratio(_over(total, day), _over(observed, day))
        found["api_latency"][day.day] = _latency(world, buckets, day)
        found["platform_uptime"][day.day] = availability(world, REQUIRED, day.as_of, now)
    return found


NAMES = ("error_rate", "db_query_time", "api_latency_mean", "api_latency", "platform_uptime")


def _ratio(above: Fraction, below: Fraction, scale: Fraction = Fraction(1)) -> TruthValue:
    """Counters are kept in thousandths."""
    thousandths = int(below * 1000)
    return ratio(int(above * 1000), thousandths, n=thousandths, scale=scale)


def _over(hours: Hours, day: BusinessDay) -> Fraction:
    """What was counted in the day's full hours."""
    return sum((rise for hour, rise in hours.items() if day.start <= hour and hour + HOUR <= day.as_of), Fraction(0))


def _latency(world: World, buckets: list[Hours], day: BusinessDay) -> TruthValue:
    covered = [hour for hour in buckets[-1] if day.start <= hour and hour + HOUR <= day.as_of]
    counts = [int(_over(bucket, day)) for bucket in buckets]
    with_any = sum(1 for hour in covered if buckets[-1][hour])
    value = quantile(world.histogram_bounds, counts)
    if value is None:
        return TruthValue(None, 0, len(covered), 0, reason="nothing_waited" if covered else None)
    return TruthValue(decimal(value), with_any, len(covered), counts[-1])


def _inside(bound: float, value: float) -> Fraction:
    return Fraction(value <= bound)


def _exactly(value: float) -> Fraction:
    return Fraction(str(value))


def _rises(world: World, now: datetime, metric: str, chosen: Callable[[Labels], bool] = lambda _: True) -> Hours:
    grown: dict[Labels, Growth] = {}
    for growth in world.counters:
        if growth.metric == metric and chosen(growth.labels):
            grown.setdefault(growth.labels, []).append((growth.at, Fraction(str(growth.by))))
    return _hourly(world, now, metric, grown)


def _observed(world: World, now: datetime, weight: Callable[[float], Fraction]) -> Hours:
    grown: dict[Labels, Growth] = {}
    for each in world.histogram:
        if each.metric == LATENCY:
            grown.setdefault(each.labels, []).append((each.at, weight(each.value)))
    return _hourly(world, now, LATENCY, grown)


def _hourly(world: World, now: datetime, metric: str, grown: dict[Labels, Growth]) -> Hours:
    """What each clock hour added, summed over the series, as a reader of the counters sees it.

    Each series stands at zero at first and after a restart. A counter that shows less than an hour before was
    restarted, and all that it shows is new.
    """
    begin = world.scraped_since or world.starts_at
    found: Hours = {}
    for labels, growth in grown.items():
        instance = dict(labels)["instance"]
        restarts = [(r.at, None) for r in world.counter_resets if (r.metric, r.instance) == (metric, instance)]
        happened = sorted([*growth, *restarts], key=lambda each: each[0])
        shows, place, hour = Fraction(0), 0, begin
        while hour + HOUR < now:  # a reading at this very instant is one of the next load
            before = shows
            while place < len(happened) and happened[place][0] < hour + HOUR:
                by = happened[place][1]
                shows = Fraction(0) if by is None else shows + by
                place += 1
            found[hour] = found.get(hour, Fraction(0)) + (shows if shows < before else shows - before)
            hour += HOUR
    return found
