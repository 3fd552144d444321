"""Mixpanel: every event, from the raw export."""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.mixpanel.export import broken, no_events, pages
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.landing.page import Page, Proof, Window

# docs.mixpanel.com/reference/rate-limits: 60 queries an hour, 3 a second. A first load asks much, later ones little.
RATES = {"all": Rate(3), "hour": Rate(60, 3600.0, at_once=0.75)}
DAYS = 31  # a request: few of the 60, and a file of a size that a lost connection may cost again
LATE = timedelta(days=5)  # apps keep events while they are offline; Mixpanel takes them for five days

STREAMS = (Stream("mixpanel", "events", lookback=LATE),)


def classify(reply: Reply) -> Verdict:
    """By status, with Mixpanel's own words; a plan that lacks the export is a matter of settings."""
    said = reply.get("error")
    reason = f"HTTP {reply.status}" + (f": {said}" if said else "")
    if reply.status in (401, 402, 403):
        remedy = "" if reply.status == 401 else "Give the service account access to the project, and see the plan."
        return Verdict("settings", reason, remedy=remedy)
    usual = by_status(reply)
    return usual if usual.outcome != "bug" else Verdict("bug", reason)


def connect(
    *,
    base_url: str,
    key: str | None,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Mixpanel:
    """One project. The key is "user:secret" of a service account; the EU has the address data-eu.mixpanel.com."""
    user, colon, secret = (key or "").partition(":")
    token = b64encode(f"{user}:{secret}".encode() if colon else f"{user}:".encode()).decode()
    http = Http(
        "mixpanel",
        base_url,
        auth={"Authorization": f"Basic {token}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        headers={"Accept": "text/plain"},
        **options,
    )
    return Mixpanel(http, settings, now=now)


class Mixpanel:
    """One project. `settings`: `project_id`, and `zone` for one made before 2023, which counts days in its own zone."""

    source = "mixpanel"
    api_version = "2.0"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._http, self._now = http, now
        self._project, self._zone = settings.get("project_id"), str(settings.get("zone", "UTC"))
        try:
            self._tz = ZoneInfo(self._zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise _setting(f"zone {self._zone!r} is no time zone") from None
        if self._project is None:
            raise _setting("there is no project_id, which a service account needs")

    def read(self, stream: Stream, window: Window) -> Reading:
        """The events of [start, end) that have happened. A page is given only when its whole export has come."""
        del stream
        return Reading(self._events(window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: events do not change, and late ones are found by reading the last days again."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._http.close()

    def _events(self, window: Window) -> Generator[Page, None, Proof]:
        end = min(window.end, self._now())
        start = min(window.start, end)
        for first, last in self._spans(start, end):
            doing = f"exporting events of {first} to {last}"
            with tempfile.TemporaryFile(prefix="mixpanel-") as file:
                self._http.download(
                    "/export",
                    file,
                    doing=doing,
                    broken=broken,
                    success=no_events,
                    params={
                        "project_id": str(self._project),
                        "from_date": first.isoformat(),
                        "to_date": last.isoformat(),
                        "time_in_ms": "true",
                    },
                    buckets=("all", "hour"),
                )
                yield from pages(file, epoch_ms(start), epoch_ms(end))
        return Proof("exhausted", None, end)

    def _spans(self, start: datetime, end: datetime) -> Iterator[tuple[date, date]]:
        """(first, last) day of each request, days of the project's zone, both included."""
        if start >= end:
            return
        first = start.astimezone(self._tz).date()
        last = (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(self._tz).date()
        while first <= last:
            yield first, min(last, first + timedelta(days=DAYS - 1))
            first += timedelta(days=DAYS)


def _setting(why: str) -> SettingsError:
    return SettingsError(
        "mixpanel: reading the company's settings", why, remedy="Correct sources.mixpanel.settings in company.yaml."
    )
