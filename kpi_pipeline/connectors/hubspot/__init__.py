"""HubSpot: windows on the creation date, changes from a search on last-modified, deletions from the archive.

Windows are cut on creation, which does not move: each record is in exactly one window, a month can be read again at any
time, and what changed since comes from `changes`. Cut on last-modified, a record would leave the months it was in.
A window is searched (200 records a request, 4 requests a second) or picked from the list of all records (100 a request,
8 to 15 a second, associations included), whichever is sooner done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.hubspot.crm import ENTERED, Crm, Record
from kpi_pipeline.connectors.hubspot.kinds import HISTORY, KINDS, Kind
from kpi_pipeline.connectors.hubspot.protocol import (
    API_VERSION,
    GENERAL,
    HISTORY_PAGE,
    LIST_PAGE,
    RATES,
    SEARCH,
    SEARCH_PAGE,
    classify,
    observe,
)
from kpi_pipeline.errors import SourceRefused
from kpi_pipeline.landing.page import Page, Proof, Window

LATE = timedelta(minutes=11)  # the search index lags by moments, a bulk import by minutes
ARCHIVE = timedelta(days=85)  # HubSpot forgets archived records after about 90 days
ARCHIVED_LATE = timedelta(hours=24)
SHORT = timedelta(days=31)  # never worth asking whether the list of everything would be sooner done
OPEN_DEALS = timedelta(days=180)
FIRST = datetime(2006, 1, 1, tzinfo=UTC)  # no record of HubSpot is older

STREAMS = (
    *(Stream("hubspot", name, changes="all") for name in KINDS),
    Stream("hubspot", "pipelines_stages", read="snapshot"),
    Stream("hubspot", "owners", read="snapshot"),
)


class HubSpot:
    """One HubSpot account. `portal_id`: the account that the key has to belong to, None for any."""

    source = "hubspot"
    api_version = API_VERSION
    streams = STREAMS

    def __init__(self, http: Http, *, now: Callable[[], datetime], portal_id: str | None, key_variable: str) -> None:
        self._http, self._now = http, now
        self._crm = Crm(http)
        self._portal_id, self._key_variable = portal_id, key_variable
        self._checked, self._lock = portal_id is None, threading.Lock()

    def read(self, stream: Stream, window: Window) -> Reading:
        """Records created in `window`, as they are now, archived ones left out; snapshots whatever the window."""
        if stream.name == "owners":
            return Reading(self._snapshot(self._owner_pages()))
        if stream.name == "pipelines_stages":
            return Reading(self._snapshot(self._pipeline_pages()))
        return Reading(self._window(stream, window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Records modified in [since − 11 min, until), and tombstones of those archived or merged into another.

        Deals that are still open come too: a changed association alone may not count as a modification. When `since` is
        older than the archive (85 days), all records come, with a proof "snapshot". Records deleted for privacy leave
        no trace: only such a snapshot finds them gone.
        """
        if stream.changes == "none":
            return None
        if since < self._now() - ARCHIVE:
            return Reading(self._everything(stream, until))
        return Reading(self._modified(stream, Window(since - LATE, until)))

    def close(self) -> None:
        self._http.close()

    def _window(self, stream: Stream, window: Window) -> Generator[Page, None, Proof]:
        self._check_account()
        began, kind = self._now(), KINDS[stream.name]
        if self._list_is_sooner(kind, window):
            yield from self._listed(stream, kind, window)
            return Proof("exhausted", None, min(window.end, began))
        received = 0
        for leaf in self._crm.search(kind, kind.created, window, _properties(stream)):
            received += len(leaf.rows) - leaf.duplicates
            yield self._page(stream, kind, leaf.rows, listed=False)
        # each page said how many were left from there on, and the last one held exactly these
        return Proof("total", None if stream.name == HISTORY else received, min(window.end, began))

    def _everything(self, stream: Stream, until: datetime) -> Generator[Page, None, Proof]:
        self._check_account()
        began = self._now()
        yield from self._listed(stream, KINDS[stream.name], Window(FIRST, until))
        return Proof("snapshot", None, min(until, began))

    def _modified(self, stream: Stream, window: Window) -> Generator[Page, None, Proof]:
        self._check_account()
        began, kind, properties = self._now(), KINDS[stream.name], _properties(stream)
        merged: set[str] = set()
        for leaf in self._crm.search(kind, kind.modified, window, properties):
            merged.update(*map(_merged, leaf.rows))
            yield self._page(stream, kind, leaf.rows, listed=False)
        if stream.name == "deals":
            still_open = {"propertyName": "hs_is_closed", "operator": "EQ", "value": "false"}
            recent = Window(window.end - OPEN_DEALS, window.end)
            for leaf in self._crm.search(kind, kind.created, recent, properties, [still_open]):
                yield self._page(stream, kind, leaf.rows, listed=False)
        if stream.name != HISTORY:
            yield from _tombstones(merged)
            for leaf in self._crm.listing(kind, archived=True):
                yield from _tombstones(row["id"] for row in leaf.rows if _archived_since(row, window.start))
        return Proof("feed", None, min(window.end, began))

    def _list_is_sooner(self, kind: Kind, window: Window) -> bool:
        """By HubSpot's own counts and the account's present rates; a search page draws from both budgets."""
        if window.end - window.start <= SHORT:
            return False
        wanted, all_there_are = (
            self._crm.count(kind, kind.created, span) for span in (window, Window(FIRST, self._now() + SHORT))
        )
        searches, beside = wanted / SEARCH_PAGE, len(kind.belongs_to)
        beside += SEARCH_PAGE // HISTORY_PAGE if kind.history else 0
        by_search = max(searches / self._http.rate(SEARCH), searches * beside / self._http.rate(GENERAL))
        return all_there_are / (HISTORY_PAGE if kind.history else LIST_PAGE) / self._http.rate(GENERAL) < by_search

    def _listed(self, stream: Stream, kind: Kind, window: Window) -> Iterator[Page]:
        for leaf in self._crm.listing(kind, [kind.created, *_properties(stream)]):
            inside = [row for row in leaf.rows if window.start <= _created(kind, row) < window.end]
            yield self._page(stream, kind, inside, listed=True)

    def _page(self, stream: Stream, kind: Kind, records: Sequence[Record], *, listed: bool) -> Page:
        if stream.name == HISTORY:
            found = records if listed else list(self._crm.history(kind, [record["id"] for record in records]))
            return Page(orjson.dumps({"results": found}), HISTORY_ROWS, len(found))
        found = self._crm.first_entries(kind, records) if kind.history else records
        found = self._crm.belonging(kind, found, listed=listed) if kind.belongs_to else found
        return Page(orjson.dumps({"results": found}), "results", len(found))

    def _snapshot(self, pages: Iterator[Page]) -> Generator[Page, None, Proof]:
        self._check_account()
        began = self._now()
        yield from pages
        return Proof("snapshot", None, began)

    def _owner_pages(self) -> Iterator[Page]:
        for archived in (False, True):
            for leaf in self._crm.owners(archived=archived):
                yield Page(leaf.reply.body, "results", len(leaf.rows))

    def _pipeline_pages(self) -> Iterator[Page]:
        for object_ in ("deals", "tickets"):
            reply = self._crm.pipelines(object_)
            yield Page(reply.body, "results[].stages", len(reply.data["results"]), {"object": object_})

    def _check_account(self) -> None:
        """Once: a valid key of another account would fill this company's tables with somebody else's records."""
        with self._lock:
            if self._checked:
                return
            found = str(self._crm.account()["portalId"])
            if found != self._portal_id:
                raise SourceRefused(
                    "hubspot: asking which account the key belongs to",
                    f"the key in {self._key_variable} is of account {found}, the settings say {self._portal_id}",
                    remedy=f"Put the key of account {self._portal_id} into {self._key_variable}.",
                )
            self._checked = True


HISTORY_ROWS = "results[].propertiesWithHistory.dealstage"


def _properties(stream: Stream) -> list[str]:
    """The properties that the stream's model reads; HubSpot silently leaves out what a portal does not have."""
    from kpi_pipeline.schemas.base import origins  # pandera takes seconds: only when something is read

    if stream.name == HISTORY:
        return []
    paths = [origin.path.split(".") for origin in origins(stream.model).values()]
    prefixes = {"properties": "", "first_entered": ENTERED}
    return [prefixes[path[0]] + path[1] for path in paths if path[0] in prefixes]


def _created(kind: Kind, record: Record) -> datetime:
    written = record["properties"].get(kind.created)
    return datetime.fromisoformat(record["createdAt"] if written in (None, "") else written)


def _archived_since(record: Record, since: datetime) -> bool:
    return datetime.fromisoformat(record["archivedAt"]) >= since - ARCHIVED_LATE


def _merged(record: Record) -> list[str]:
    """Ids of records that were merged into this one; joined by ";", a single one may come as a number."""
    ids = str(record["properties"].get("hs_merged_object_ids") or "").split(";")
    return [each for each in ids if each and each != record["id"]]


def _tombstones(ids: Iterable[str]) -> Iterator[Page]:
    rows = [{"id": each} for each in sorted(ids)]
    if rows:
        yield Page(orjson.dumps({"results": rows}), "results", len(rows), deleted=True)


def connect(
    *,
    base_url: str,
    key: str,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> HubSpot:
    """A connector for one account. Settings: `portal_id`, the account's number; without it any account will do."""
    http = Http(
        "hubspot",
        base_url,
        auth={"Authorization": f"Bearer {key}"},
        key_variable=key_variable,
        classify=classify,
        observe=observe,
        budget=budget(RATES),
        now=now,
        **options,
    )
    portal_id = settings.get("portal_id")
    return HubSpot(http, now=now, portal_id=None if portal_id is None else str(portal_id), key_variable=key_variable)
