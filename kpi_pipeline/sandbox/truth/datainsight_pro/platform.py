"""Whether the platform ran and how fast it was: monitors, page loads, queries, requests."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import PERCENT, every
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, ratio
from kpi_pipeline.sandbox.truth.website import availability
from kpi_pipeline.sandbox.world.model import World

MONITORS = ("Platform", "API")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
P95 = Fraction(95, 100)
SLOW = "page_load_seconds:mean30m"
Reading = tuple[datetime, float]


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    rises = Rises(world, now)
    loads: dict[datetime, list[Reading]] = defaultdict(list)
    means: dict[datetime, list[Reading]] = defaultdict(list)
    for load in world.histogram:
        loads[_midnight(load.at)].append((load.at, load.value))
    for sample in world.gauges:
        if sample.metric == SLOW and sample.at < now:
            means[_midnight(sample.at)].append((sample.at, sample.value))
    return {
        "system_uptime": every(days, lambda day: availability(world, MONITORS, day.as_of, now)),
        "system_uptime_worst_hour": every(days, lambda day: _worst_hour(world, day, now)),
        "page_load_time": every(days, lambda day: _mean(loads.get(day.start, []), now)),
        "query_performance": every(days, lambda day: rises.share(day, "query_seconds_sum", "query_seconds_count")),
        "error_rate": every(
            days, lambda day: rises.share(day, "http_requests_total", "http_requests_total", code="5xx", scale=PERCENT)
        ),
        "page_load_time_p95": every(days, lambda day: _p95(loads.get(day.start, []), world.histogram_bounds, day, now)),
        "page_load_time_worst_30m": every(days, lambda day: _slowest(means.get(day.start, []), day)),
    }


class Rises:
    """What counters rose by in each full hour that is over."""

    def __init__(self, world: World, now: datetime) -> None:
        self.by_hour: dict[datetime, list[tuple[str, str, Fraction]]] = defaultdict(list)
        for growth in world.counters:
            hour = _hour(growth.at)
            if hour + HOUR <= now:
                code = dict(growth.labels).get("code", "")
                self.by_hour[hour].append((growth.metric, code, Fraction(str(growth.by))))

    def of(self, day: BusinessDay, metric: str, code: str = "") -> int:
        """In thousandths, over the hours that begin on the day."""
        found = Fraction(0)
        for back in range(24):
            for name, of_code, by in self.by_hour.get(day.start + back * HOUR, ()):
                if name == metric and code in ("", of_code):
                    found += by
        return int(found * 1000)

    def share(
        self, day: BusinessDay, metric: str, of: str, *, code: str = "", scale: Fraction = Fraction(1)
    ) -> TruthValue:
        whole = self.of(day, of)
        return ratio(self.of(day, metric, code), whole, n=whole, scale=scale)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _mean(loads: list[Reading], now: datetime) -> TruthValue:
    """Of the full hours; seconds and loads are both counted in thousandths, as counters are."""
    over = [Fraction(str(value)) for at, value in loads if _hour(at) + HOUR <= now]
    return ratio(int(sum(over) * 1000), len(over) * 1000, n=len(over) * 1000)


def _p95(loads: list[Reading], bounds: tuple[float, ...], day: BusinessDay, now: datetime) -> TruthValue:
    """Of all loads of the day's full hours, as far as Prometheus' buckets tell them apart."""
    counts, hours, total = [0] * len(bounds), set(), 0
    for at, value in loads:
        hour = _hour(at)
        if hour + HOUR <= now:
            hours.add(hour)
            total += 1
            for place, bound in enumerate(bounds):
                counts[place] += value <= bound
    covered = sum(1 for back in range(24) if day.start + (back + 1) * HOUR <= now)
    if not total:
        return TruthValue(None, 0, covered, 0, reason="nothing_waited" if covered else None)
    return TruthValue(decimal(_quantile(bounds, counts, total)), len(hours), covered, total)


def _quantile(bounds: tuple[float, ...], counts: list[int], total: int) -> Fraction:
    """Linear inside the bucket that holds the 95th percentile; the last bound beyond it."""
    rank, below, lower = P95 * total, 0, Fraction(0)
    for bound, count in zip(bounds, counts, strict=True):
        if count >= rank:
            return lower + (Fraction(bound) - lower) * (rank - below) / (count - below)
        below, lower = count, Fraction(bound)
    return lower


def _slowest(read: list[Reading], day: BusinessDay) -> TruthValue:
    """The largest half-hourly mean that was read on the day."""
    begun = -((day.start - day.as_of) // HOUR)
    hours = len({(at - day.start) // HOUR for at, _ in read})
    highest = max((value for _, value in read), default=None)
    return TruthValue(None if highest is None else Decimal(str(highest)), hours, begun, hours)


def _worst_hour(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    """Second by second, of the 60 minutes that end there: how much of what was watched was up."""
    monitors = [each for each in world.monitors if each.name in MONITORS and each.created_at <= now]
    ids = {monitor.id for monitor in monitors}
    start = day.start - HOUR
    seconds = (day.as_of - start) // SECOND
    down, unwatched = [False] * seconds, [False] * seconds

    def mark(flags: list[bool], since: datetime, until: datetime) -> None:
        for place in range(max(0, (since - start) // SECOND), min(seconds, (until - start) // SECOND)):
            flags[place] = True

    for incident in world.incidents:
        if incident.monitor_id in ids and incident.started_at <= now:
            ended = incident.resolved_at if passed(incident.resolved_at, now) else None
            mark(down, incident.started_at, day.as_of if ended is None else ended)
    for window in world.maintenance:
        if ids & set(window.monitor_ids):
            mark(unwatched, window.start, window.start + timedelta(minutes=window.duration_min))
    for monitor in monitors:
        mark(unwatched, start, monitor.created_at)
        for since, until in monitor.pauses:
            if since <= now and not passed(until, now):
                mark(unwatched, since, day.as_of)
    if not any(down) and not any(unwatched):
        return ratio(milliseconds(HOUR), milliseconds(HOUR), n=len(monitors), scale=PERCENT)
    watched, up = [0], [0]
    for is_down, is_unwatched in zip(down, unwatched, strict=True):
        watched.append(watched[-1] + (not is_unwatched))
        up.append(up[-1] + (not is_unwatched and not is_down))
    worst = (1, 0)  # up, of watched
    for end in range(3600, seconds + 1):
        of = watched[end] - watched[end - 3600]
        good = up[end] - up[end - 3600]
        worse = worst[1] == 0 or good * worst[1] < worst[0] * of
        if of and (worse or (good * worst[1] == worst[0] * of and of > worst[1])):
            worst = (good, of)
    if worst[1] == 0:
        return TruthValue(None, None, 0, len(monitors))
    return ratio(worst[0] * 1000, worst[1] * 1000, n=len(monitors), scale=PERCENT)
