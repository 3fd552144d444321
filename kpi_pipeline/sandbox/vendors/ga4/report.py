"""A report over a world's web figures: the two shapes that have an answer without inventing people.

Users are distinct: they are known for a day and channel, and for a month so far, and cannot be added up to anything
else. A report that asks for them in another way is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from kpi_pipeline.sandbox.world.model import Traffic, World
from kpi_pipeline.sandbox.world.model.web import WebProperty

MAX_ROWS, MAX_RANGES = 250_000, 4
ADDABLE = {"sessions": "sessions", "engagedSessions": "engaged_sessions", "screenPageViews": "page_views"}
METRICS = {**ADDABLE, "totalUsers": "users"}
DIMENSIONS = ("date", "sessionDefaultChannelGroup")
Row = tuple[tuple[str, ...], tuple[int, ...]]


class BadReport(Exception):
    """What was asked for is malformed, or beyond what this simulation knows."""


def report(world: World, own: WebProperty, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The answer to a runReport request as of `now`."""
    dimensions = [each["name"] for each in asked.get("dimensions", ())]
    metrics = [each["name"] for each in asked.get("metrics", ())]
    ranges = [_range(each, number) for number, each in enumerate(asked.get("dateRanges", ()))]
    if unknown := [name for name in (*dimensions, *metrics) if name not in (*DIMENSIONS, *METRICS)]:
        raise BadReport(f"Field {unknown[0]} is not a valid dimension or metric.")
    if not 1 <= len(ranges) <= MAX_RANGES or not metrics:
        raise BadReport(f"A report needs metrics, and 1 to {MAX_RANGES} dateRanges.")
    rows: list[Row] = []
    viewed = 0
    for name, first, last in ranges:
        label = (name,) if len(ranges) > 1 else ()
        if own.samples_above is not None:
            viewed += sum(seen.page_views for _, _, seen in _traffic(world, first, last, now))
        rows += [((*label, *key), values) for key, values in _rows(world, dimensions, metrics, first, last, now)]
    withheld = False
    if own.withholds_below and "totalUsers" in metrics:
        place = metrics.index("totalUsers")
        kept = [row for row in rows if row[1][place] >= own.withholds_below]
        withheld, rows = len(kept) < len(rows), kept
    if asked.get("orderBys"):
        rows.sort()
    else:
        rows.sort(key=lambda row: (-row[1][0], row[0]))
    offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 10_000))
    if not 0 < limit <= MAX_ROWS or offset < 0:
        raise BadReport(f"limit must be from 1 to {MAX_ROWS}, and offset not negative.")
    metadata: dict[str, Any] = {"currencyCode": world.currency, "timeZone": world.zone}
    if withheld:
        metadata["subjectToThresholding"] = True
    if own.samples_above is not None and viewed > own.samples_above:
        metadata["samplingMetadatas"] = [{"samplesReadCount": str(own.samples_above), "samplingSpaceSize": str(viewed)}]
    headers = (["dateRange"] if len(ranges) > 1 else []) + dimensions
    answer: dict[str, Any] = {
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        "metadata": metadata,
        "kind": "analyticsData#runReport",
    }
    if headers:
        answer["dimensionHeaders"] = [{"name": name} for name in headers]
    if rows:  # both are left out when there are none, as protocol buffers do
        answer |= {"rows": [_item(row) for row in rows[offset : offset + limit]], "rowCount": len(rows)}
    return answer


def _item(row: Row) -> dict[str, Any]:
    key, values = row
    dimensions = {"dimensionValues": [{"value": value} for value in key]} if key else {}
    return {**dimensions, "metricValues": [{"value": str(value)} for value in values]}


def _rows(
    world: World, dimensions: Sequence[str], metrics: Sequence[str], first: date, last: date, now: datetime
) -> Iterator[Row]:
    if "totalUsers" not in metrics or sorted(dimensions) == sorted(DIMENSIONS):
        sums: dict[tuple[str, ...], list[int]] = {}
        for day, channel, seen in _traffic(world, first, last, now):
            labels = {"date": f"{day:%Y%m%d}", "sessionDefaultChannelGroup": channel}
            total = sums.setdefault(tuple(labels[name] for name in dimensions), [0] * len(metrics))
            for place, name in enumerate(metrics):
                total[place] += getattr(seen, METRICS[name])
        yield from ((key, tuple(total)) for key, total in sums.items() if any(total))
    elif not dimensions and metrics == ["totalUsers"] and first == last.replace(day=1):
        for reach in world.web_reach:
            counted = [users for at, users in reach.counted if at <= now]
            if reach.day == last and counted and counted[-1]:
                yield (), (counted[-1],)
    else:
        raise BadReport("The sandbox knows distinct users of a day and channel, or of a month so far, only.")


def _traffic(world: World, first: date, last: date, now: datetime) -> Iterator[tuple[date, str, Traffic]]:
    for web_day in world.web_days:
        if first <= web_day.day <= last:
            counted = [seen for seen in web_day.counted if seen.at <= now]
            if counted:
                yield web_day.day, web_day.channel, counted[-1]


def _range(given: Mapping[str, Any], number: int) -> tuple[str, date, date]:
    try:
        first, last = date.fromisoformat(given["startDate"]), date.fromisoformat(given["endDate"])
    except (KeyError, TypeError, ValueError) as bad:
        raise BadReport(f"Invalid dateRange: {given}.") from bad
    if last < first:
        raise BadReport("Invalid dateRange: the start date is after the end date.")
    return str(given.get("name", f"date_range_{number}")), first, last
