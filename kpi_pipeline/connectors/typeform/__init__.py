"""Typeform: forms, fields, responses, answers, insights. One request at a time: the account allows two a second."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.paging import Cursor, Leaf, PageNumber, walk
from kpi_pipeline.connectors.typeform import rows
from kpi_pipeline.connectors.typeform.protocol import NewestFirst, classify
from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {"all": Rate(2)}  # requests a second of the account, over all its tokens
FORMS_A_PAGE, RESPONSES_A_PAGE = 200, 1000  # the vendor's maxima
LATE = timedelta(hours=2)  # a response may appear half an hour after it was submitted; the rest is margin
INSIGHTS_AGE = timedelta(hours=1)  # lifetime totals describe now: a window that ended earlier gets none
PAGE = has("items", "total_items", "page_count")

Flatten = Callable[[Mapping[str, Any]], Iterable[dict[str, Any]]]
Read = Callable[[str, str, Window], Iterator[Leaf]]


STREAMS = (
    Stream("typeform", "forms", read="snapshot"),
    Stream("typeform", "fields", read="snapshot"),
    Stream("typeform", "responses", lookback=LATE),
    Stream("typeform", "answers", lookback=LATE),
    Stream("typeform", "insights_daily"),
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
) -> Typeform:
    """The account that a token opens. EU accounts have another base URL: api.eu.typeform.com or api.typeform.eu."""
    http = Http(
        "typeform",
        base_url,
        auth={"Authorization": f"Bearer {key}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        **options,
    )
    return Typeform(http, settings, now=now)


class Typeform:
    """One account.

    `settings`: `forms`, the ids to read (without it all that the token sees); `page_size` of responses, to be lowered
    for forms so long that Typeform does not answer in time.
    """

    source = "typeform"
    api_version = "unversioned"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._http, self._now = http, now
        self._wanted = settings.get("forms")
        self._page_size = settings.get("page_size", RESPONSES_A_PAGE)
        self._listed: list[str] | None = None
        self._held: dict[tuple[str, str, Window], Leaf] = {}

    def read(self, stream: Stream, window: Window) -> Reading:
        """See `Connector`. Windows cut on when a response was submitted (or landed, for one left half-way)."""
        reads = {
            "forms": self._forms,
            "fields": self._fields,
            "responses": self._responses,
            "answers": self._answers,
            "insights_daily": self._insights,
        }
        return Reading(reads[stream.name](window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: the lookback finds late responses; the vendor has no feed of changes or deletions."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._http.close()

    def _forms(self, window: Window) -> Generator[Page, None, Proof]:
        now, received = self._now(), 0
        for page in self._form_pages():
            received += len(page)
            yield Page(orjson.dumps(page), "", len(page))
        return Proof("total", received, min(window.end, now))

    def _form_pages(self) -> Iterator[list[dict[str, Any]]]:
        """The forms we read, page by page. Raises IncompleteLoad when the list does not hold what it should."""

        def fetch(number: Cursor) -> Reply:
            params = {"page": number or 1, "page_size": FORMS_A_PAGE, "sort_by": "created_at", "order_by": "asc"}
            return self._http.get("/forms", doing=doing, success=PAGE, params=params)

        doing, seen, total = "listing forms", set[str](), 0
        for leaf in walk(fetch, PageNumber(), rows="items", key=_id, doing=f"typeform: {doing}"):
            total = leaf.reply.data["total_items"]
            seen.update(form["id"] for form in leaf.rows)
            yield [form for form in leaf.rows if self._wanted is None or form["id"] in self._wanted]
        missing = sorted(set(self._wanted or ()) - seen)
        if missing or len(seen) != total:
            lacks = f"; the settings name {', '.join(missing)}" if missing else ""
            raise IncompleteLoad(
                "typeform: listing forms",
                f"{len(seen)} came, the account has {total}{lacks}",
                remedy="Check the form ids in company.yaml and the base URL (the EU data centres have their own).",
            )

    def _form_ids(self) -> list[str]:
        """Listed once a connection: at two requests a second, a list for each stream is what a small account waits for.

        A form that is made later has no response before the end of any window that is read here.
        """
        if self._wanted is not None:
            return list(self._wanted)
        if self._listed is None:
            self._listed = [form["id"] for page in self._form_pages() for form in page]
        return self._listed

    def _fields(self, window: Window) -> Generator[Page, None, Proof]:
        now, received = self._now(), 0
        for form in self._form_ids():
            reply = self._http.get(f"/forms/{form}", doing=f"reading the fields of form {form}", success=has("fields"))
            found = list(rows.fields(reply.data["fields"]))
            received += len(found)
            yield Page(orjson.dumps(found), "", len(found), {"form_id": form})
        return Proof("snapshot", received, min(window.end, now))

    def _responses(self, window: Window) -> Generator[Page, None, Proof]:
        types = ("completed", "partial")
        return (yield from self._pages(window, types, self._read_first, lambda item: (rows.response(item),)))

    def _answers(self, window: Window) -> Generator[Page, None, Proof]:
        """Only of completed responses: what somebody clicked before leaving is not an answer they gave."""
        return (yield from self._pages(window, ("completed",), self._read_again, rows.answers))

    def _pages(
        self, window: Window, types: tuple[str, ...], read: Read, flatten: Flatten
    ) -> Generator[Page, None, Proof]:
        settled, kept = min(window.end, self._now()), 0
        for form in self._form_ids():
            for response_type in types:
                for leaf in read(form, response_type, window):
                    inside = [item for item in leaf.rows if _before(item, window.end)]
                    found = [row for item in inside for row in flatten(item)]
                    kept += len(found)
                    yield Page(orjson.dumps(found), "", len(found), {"form_id": form})
        return Proof("total", kept, settled)

    def _read_first(self, form: str, response_type: str, window: Window) -> Iterator[Leaf]:
        """As `_walk`; what fits on one page is held for the answers in it, of all forms no more than a full page."""
        pages, leaf = 0, None
        for leaf in self._walk(form, response_type, window):
            pages += 1
            yield leaf
        if response_type != "completed" or pages != 1 or leaf is None:
            return
        if sum(len(each.rows) for each in (leaf, *self._held.values())) <= RESPONSES_A_PAGE:
            self._held[form, response_type, window] = leaf

    def _read_again(self, form: str, response_type: str, window: Window) -> Iterator[Leaf]:
        """As `_walk`, but for a page that was held."""
        held = self._held.pop((form, response_type, window), None)
        if held is None:
            yield from self._walk(form, response_type, window)
        else:
            yield held

    def _walk(self, form: str, response_type: str, window: Window) -> Iterator[Leaf]:
        """All responses of the window's seconds, newest first, as many as the vendor's total.

        since and until are inclusive and to the second, so the second of `window.end` is asked for too and cut by the
        caller: asking for one second less would lose what was submitted in the rest of it.
        """
        doing = f"reading {response_type} responses of form {form} from {window.start:%Y-%m-%d %H:%M}"
        # types are asked for one by one: since and until look at another instant for each
        span = {"since": _second(window.start), "until": _second(window.end)}
        params = {"page_size": self._page_size, "response_type": response_type, **span}

        def fetch(token: Cursor) -> Reply:
            return self._http.get(
                f"/forms/{form}/responses",
                doing=doing,
                success=PAGE,
                params=params if token is None else {**params, "before": token},
            )

        pager = NewestFirst(self._page_size, response_type)
        yield from walk(fetch, pager, rows="items", key=_token, doing=f"typeform: {doing}")

    def _insights(self, window: Window) -> Generator[Page, None, Proof]:
        now, received = self._now(), 0
        taken_at = min(now, window.end - timedelta(milliseconds=1))
        if window.start <= taken_at and now - taken_at < INSIGHTS_AGE:
            taken = {"taken_on": taken_at.date().isoformat(), "taken_at": taken_at.isoformat()}
            for form in self._form_ids():
                doing = f"reading the insights of form {form}"
                reply = self._http.get(f"/insights/{form}/summary", doing=doing, success=has("form"))
                received += 1
                yield Page(orjson.dumps([{**reply.data["form"]["summary"], **taken}]), "", 1, {"form_id": form})
        return Proof("snapshot", received, min(window.end, now))


def _id(item: Mapping[str, Any]) -> Any:
    return item.get("id")


def _token(item: Mapping[str, Any]) -> Any:
    return item.get("token")


def _before(item: Mapping[str, Any], end: datetime) -> bool:
    """False for what belongs to the next window; what has no readable instant is kept, for landing to judge."""
    moment = rows.moment(item)
    return moment is None or moment < end


def _second(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
