"""How Google Analytics pages, limits and refuses, and what it says of figures that are not whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status
from kpi_pipeline.connectors.paging import END, Answered, Step
from kpi_pipeline.errors import KpiError, SettingsError, SourceRefused

HOUR_S = 3600.0
PACIFIC = ZoneInfo("America/Los_Angeles")  # daily quotas are new at midnight there


def classify(reply: Reply) -> Verdict:
    """By status; of 429 the text says which quota is used up, and so when it is worth asking again."""
    error = reply.get("error") if isinstance(reply.get("error"), Mapping) else {}
    text = f"HTTP {reply.status}: {error.get('status')}: {error.get('message')}"
    if reply.status == 429:
        if "per day" in text:
            return Verdict("throttled", text, wait=_until_midnight(reply), pause=True)
        if "per hour" in text:
            return Verdict("throttled", text, wait=HOUR_S, pause=True)
        return Verdict("retry", text)
    if reply.status == 403:
        remedy = "Make the service account a Viewer of the property; a token needs the scopes of analytics.readonly."
        return Verdict("settings", text, remedy=remedy)
    if reply.status == 404:
        return Verdict("settings", text, remedy="Correct the number of the property in company.yaml.")
    if reply.status == 400:
        return Verdict("bug", text)
    usual = by_status(reply)
    if usual.outcome == "ok" and error:
        return Verdict("retry", text)
    return usual


def observe(reply: Reply) -> Mapping[str, Rate | float]:
    """Silence once a quota of the property has nothing left."""
    quota = reply.get("propertyQuota") or {}
    waits = {"tokensPerDay": _until_midnight, "tokensPerHour": _an_hour, "tokensPerProjectPerHour": _an_hour}
    used_up = [wait(reply) for name, wait in waits.items() if (quota.get(name) or {}).get("remaining") == 0]
    return {"all": max(used_up)} if used_up else {}


def _an_hour(_reply: Reply) -> float:
    return HOUR_S


def _until_midnight(reply: Reply) -> float:
    """Seconds to the next midnight in California, by the vendor's clock; a day if it does not tell the time."""
    try:
        now = parsedate_to_datetime(reply.headers["Date"]).astimezone(PACIFIC)
    except (KeyError, TypeError, ValueError):
        return 24 * HOUR_S
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), PACIFIC)
    return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


def doubts(metadata: Mapping[str, Any], zone: str, *, accept_thresholds: bool, doing: str) -> KpiError | None:
    """Why these figures must not be taken as they are, or None."""
    if metadata.get("timeZone") != zone:
        return SettingsError(
            f"ga4: {doing}",
            f"the property's days are those of {metadata.get('timeZone')}, the settings say {zone}",
            remedy="Correct time_zone of ga4 in company.yaml, or the property's own.",
        )
    if metadata.get("samplingMetadatas"):
        what, remedy = "counted from a sample", "Read shorter spans, or have the property's quota raised."
    elif metadata.get("dataLossFromOtherRow"):
        what, remedy = "partly hidden under (other)", "Lower the number of different values the property records."
    elif metadata.get("subjectToThresholding") and not accept_thresholds:
        what = "partly withheld, because too few people are behind some rows"
        remedy = "Set the property's reporting identity to device-based, or accept_thresholds: true in company.yaml."
    else:
        return None
    return SourceRefused(f"ga4: {doing}", f"the figures are {what}", remedy=remedy)


def normal(reply: Reply) -> Reply:
    """The same answer with `rows` and `rowCount` always there: both are left out when there is nothing."""
    return Reply(reply.status, reply.headers, reply.body, {"rows": [], "rowCount": 0, **reply.data}, reply.unreadable)


def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells a row from the others: its dimensions."""
    return tuple(value.get("value") for value in row.get("dimensionValues", ()))


class CountedOffsets:
    """Pages of one walk by offset; every page tells the rows of the whole report, and so many must have come.

    One pager serves one walk.
    """

    def __init__(self, size: int) -> None:
        self._size, self._total = size, 0
        self._seen: set[tuple[Any, ...]] = set()

    def next(self, page: Answered) -> Step:
        total, offset = int(page.reply.data["rowCount"]), int(page.cursor or 0)
        if page.cursor is None:
            self._total, self._seen = total, set()
        self._seen.update(map(key, page.rows))
        if total == self._total and offset + self._size < total:
            return Step(True, offset + self._size)
        return END if total == self._total == len(self._seen) else Step(True, None)
