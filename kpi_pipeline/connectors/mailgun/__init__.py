"""Mailgun: what became of the messages of a sending domain, from its events API."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.mailgun.protocol import NextUntilEmpty, classify
from kpi_pipeline.connectors.paging import Cursor, walk
from kpi_pipeline.errors import SettingsError, SourceRefused
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {"all": Rate(10)}  # ours: the vendor names no limit for this call
EVENTS_A_PAGE = 300  # the maximum
EVENTS = "accepted OR delivered OR failed"  # opens and clicks are not read: they tell of people, not of delivery
UNSURE = timedelta(minutes=35)  # events reach the log by several ways; the vendor trusts it after half an hour
LATE = timedelta(hours=3)
KEPT_DAYS = 30  # what paid plans keep
SECOND = timedelta(seconds=1)
PAGE = has("items", "paging")

STREAMS = (Stream("mailgun", "events", lookback=LATE),)

log = logging.getLogger(__name__)


def connect(
    *,
    base_url: str,
    key: str,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Mailgun:
    """The account that an API key opens, in the region of the base URL."""
    http = Http(
        "mailgun",
        base_url,
        auth={"Authorization": f"Basic {b64encode(f'api:{key}'.encode()).decode()}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        **options,
    )
    return Mailgun(http, settings, now=now)


class Mailgun:
    """One sending domain. `settings`: `domain`; `keeps_days`, how long the account's plan keeps events (default 30)."""

    source = "mailgun"
    api_version = "v3"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        if not settings.get("domain"):
            raise SettingsError(
                "mailgun: reading the company's settings",
                "there is no `domain`",
                remedy="Write the sending domain, as in domain: mail.acme.example.",
            )
        self._http, self._now, self._domain = http, now, str(settings["domain"])
        self._kept = timedelta(days=settings.get("keeps_days", KEPT_DAYS))

    def read(self, stream: Stream, window: Window) -> Reading:
        """Events that happened in [start, end). Raises SourceRefused for a window that the vendor no longer keeps."""
        del stream
        return Reading(self._events(window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: events do not change, and the lookback finds those that came late."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._http.close()

    def _events(self, window: Window) -> Generator[Page, None, Proof]:
        """Asked for with a margin of a second, because it is not said which bounds are inclusive, and cut here."""
        now, received = self._now(), 0
        settled = min(window.end, now)
        doing = f"reading the events of {self._domain} from {window.start:%Y-%m-%d %H:%M}"
        self._refuse_what_is_gone(window, doing)
        begin, edge = window.start - SECOND, min(settled, now - UNSURE)

        def ask(begin: datetime, end: datetime, limit: int) -> Reply:
            span = {"begin": str(int(begin.timestamp())), "end": str(int(end.timestamp()))}
            params = {**span, "ascending": "yes" if begin <= end else "no", "limit": limit, "event": EVENTS}
            return self._http.get(f"/v3/{self._domain}/events", doing=doing, success=PAGE, params=params)

        def fetch(link: Cursor) -> Reply:
            if link is None:
                return ask(begin, settled + 2 * SECOND, EVENTS_A_PAGE)
            return self._http.get(str(link), doing=doing, success=PAGE)

        def newest() -> float | None:
            rows = ask(edge, begin, 1).data["items"] if begin < edge else []
            return float(rows[0]["timestamp"]) if rows else None

        pager = NextUntilEmpty(newest, edge)
        for leaf in walk(fetch, pager, rows="items", key=lambda event: event.get("id"), doing=f"mailgun: {doing}"):
            inside = [event for event in leaf.rows if _inside(event, window.start, settled)]
            received += len(inside)
            yield Page(orjson.dumps(inside), "", len(inside))
        return Proof("exhausted", received, settled)

    def _refuse_what_is_gone(self, window: Window, doing: str) -> None:
        oldest = self._now() - self._kept
        if window.start < window.end <= oldest:
            raise SourceRefused(
                f"mailgun: {doing}",
                f"the account keeps events for {self._kept.days} days, so the log of that time is gone",
                remedy="Backfill younger months only; if the plan keeps more, say so by keeps_days in company.yaml.",
            )
        if window.start < oldest:
            log.warning("mailgun: %s: only events since %s are kept", doing, f"{oldest:%Y-%m-%d %H:%M}")


def _inside(event: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    """Whether an event happened in the window; one without a readable instant is kept, for landing to put aside."""
    happened = event.get("timestamp")
    if not isinstance(happened, int | float):
        return True
    return start <= datetime.fromtimestamp(happened, UTC) < end
