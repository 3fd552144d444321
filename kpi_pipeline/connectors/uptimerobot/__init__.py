"""UptimeRobot, API v3: monitors, incidents, maintenance windows.

Uptime itself is computed from incidents, not read: the vendor does not say how its percentages treat maintenance and
pauses, and allows 10 requests a minute on free plans, so a daily figure per monitor would be dear.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status, has, until
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.paging import Cursor, Leaf, NextLink, walk
from kpi_pipeline.connectors.uptimerobot.maintenance import occurrences
from kpi_pipeline.errors import ContractError, IncompleteLoad
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {"all": Rate(10, per=60)}  # of a free account; headers tell that of a paid one
MONITORS_A_PAGE = 200  # 50 unless asked for: the commonest fault of this vendor's clients
SETTLES = timedelta(days=35)  # incidents that began this long ago are read again: they may have been resolved since
SECOND = timedelta(seconds=1)
PAGE = has("data", "nextLink")


def classify(reply: Reply) -> Verdict:
    """By status; API v2 says 200 for a refusal, and does so when a v3 path is asked below its address."""
    if reply.get("stat") == "fail":
        reason = f'HTTP {reply.status} with "stat": "fail"'
        if reply.get("error", "type") in ("not_authorized", "invalid_api_key"):
            return Verdict("settings", reason, remedy="Use a key and a base URL of API v3.")
        return Verdict("retry", reason)
    if reply.status == 403:
        remedy = (
            "Use the account's main or read-only key: keys of one monitor do not read the account, and have no scopes."
        )
        return Verdict("settings", "HTTP 403", remedy=remedy)
    return by_status(reply)


def observe(reply: Reply) -> Mapping[str, Rate | float]:
    """The account's limit a minute; silence until the reset (epoch seconds) once nothing is left."""
    limit, left, reset = (reply.headers.get(f"X-RateLimit-{name}", "") for name in ("Limit", "Remaining", "Reset"))
    if left == "0" and reset.isdigit():
        wait = until(datetime.fromtimestamp(int(reset), UTC), reply.headers)
        if wait is not None:
            return {"all": wait}
    return {"all": Rate(int(limit), per=60)} if limit.isdigit() and int(limit) else {}


STREAMS = (
    Stream("uptimerobot", "monitors", read="snapshot"),
    Stream("uptimerobot", "incidents", changes="some", lookback=timedelta(days=2)),
    Stream("uptimerobot", "maintenance_windows", read="snapshot"),
)


def connect(
    *,
    base_url: str,
    key: str,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> UptimeRobot:
    """The account that a key opens; a read-only key is enough."""
    http = Http(
        "uptimerobot",
        base_url,
        auth={"Authorization": f"Bearer {key}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        observe=observe,
        **options,
    )
    return UptimeRobot(http, settings, now=now)


class UptimeRobot:
    """One account. `settings`: `time_zone` of the account (default UTC), in which maintenance windows are written."""

    source = "uptimerobot"
    api_version = "v3"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._http, self._now = http, now
        self._zone = ZoneInfo(settings.get("time_zone", "UTC"))

    def read(self, stream: Stream, window: Window) -> Reading:
        """See `Connector`. Monitors and maintenance are as of now, whatever the window."""
        if stream.name == "incidents":
            return Reading(self._incidents(window))
        return Reading(self._monitors(window) if stream.name == "monitors" else self._maintenance(window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Incidents that began up to 35 days before `since`: whether they are over, and count in reports, may change.

        One that lasts longer is not lost: `Proof.watermark` never passes the start of an open incident.
        """
        del until
        return Reading(self._incidents(Window(since - SETTLES, since))) if stream.name == "incidents" else None

    def close(self) -> None:
        self._http.close()

    def _monitors(self, window: Window) -> Generator[Page, None, Proof]:
        now = self._now()
        received = 0
        for leaf in self._walk("/monitors", {"limit": MONITORS_A_PAGE}, "listing monitors"):
            received += len(leaf.rows) - leaf.duplicates
            for monitor in leaf.rows:
                if (
                    monitor.get("status") == "PAUSED"
                ):  # the vendor keeps no record of pauses, only how long this one lasts
                    since = now - timedelta(seconds=monitor["currentStateDuration"])
                    monitor["pausedAt"] = since.replace(second=0, microsecond=0).isoformat()
            yield Page(orjson.dumps(leaf.rows), "", len(leaf.rows))
        account = self._http.get("/user/me", doing="counting monitors", success=has("monitorsCount"))
        if received != account.data["monitorsCount"]:
            raise IncompleteLoad(
                "uptimerobot: listing monitors",
                f"{received} came, the account has {account.data['monitorsCount']}",
                remedy="Nothing was written; the next run lists them again. If it lasts, the key sees only some.",
            )
        return Proof("total", received, min(window.end, now))

    def _incidents(self, window: Window) -> Generator[Page, None, Proof]:
        """Asked for with a margin, because the vendor does not say which bounds are inclusive, and cut here."""
        settled = min(window.end, self._now())
        received, oldest_open = 0, settled
        params = {
            "started_after": _iso(window.start - SECOND),
            "started_before": _iso(window.end + SECOND),
        }
        for leaf in self._walk("/incidents", params, f"listing incidents from {window.start:%Y-%m-%d %H:%M}"):
            inside = [row for row in leaf.rows if _inside(row, window)]
            for row in inside:
                if "resolvedAt" not in row:
                    raise _open_or_not(row)
                if row["resolvedAt"] is None and (started := _started(row)):
                    oldest_open = min(oldest_open, started)
            received += len(inside)
            yield Page(orjson.dumps(inside), "", len(inside))
        return Proof("exhausted", received, oldest_open)

    def _maintenance(self, window: Window) -> Generator[Page, None, Proof]:
        now = self._now()
        received = 0
        for leaf in self._walk("/maintenance-windows", {}, "listing maintenance windows"):
            rows = [row for item in leaf.rows for row in occurrences(item, self._zone, now)]
            received += len(rows)
            yield Page(orjson.dumps(rows), "", len(rows))
        return Proof("exhausted", received, min(window.end, now))

    def _walk(self, path: str, params: Mapping[str, Any], doing: str) -> Iterator[Leaf]:
        def fetch(link: Cursor) -> Reply:
            if link is None:
                return self._http.get(path, doing=doing, success=PAGE, params=params)
            return self._http.get(str(link), doing=doing, success=PAGE)

        return walk(fetch, NextLink(), rows="data", key=lambda row: row.get("id"), doing=f"uptimerobot: {doing}")


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _started(incident: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(incident["startedAt"])
    except (KeyError, TypeError, ValueError):
        return None


def _inside(incident: Mapping[str, Any], window: Window) -> bool:
    """Whether an incident began in the window; one without a readable start is kept, for landing to put aside."""
    started = _started(incident)
    return started is None or window.start <= started < window.end


def _open_or_not(incident: Mapping[str, Any]) -> ContractError:
    return ContractError(
        "uptimerobot: listing incidents",
        f"incident {incident.get('id')} does not say whether it is resolved (no resolvedAt)",
        remedy="Compare the answer with the vendor's changelog and adapt the connector.",
    )
