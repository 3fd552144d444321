"""How each vendor says where the next page is, and one walk that does not believe everything it is told.

A pager is named by the connector, never guessed. It looks at an answer and says whether there is more and with which
cursor; the connector's `fetch(cursor)` puts the cursor where the vendor wants it (query, body, URL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.errors import ContractError, IncompleteLoad

Cursor = str | int | None


@dataclass(frozen=True, slots=True)
class Step:
    """`more`: the vendor promises another page; `cursor`: what to ask it with, None if the page does not tell."""

    more: bool
    cursor: Cursor = None


END = Step(more=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as a pager sees it: the reply, its rows, and the cursor it was asked with (None: the first page)."""

    reply: Reply
    rows: Sequence[Any]
    cursor: Cursor


class Pager(Protocol):
    def next(self, page: Answered) -> Step: ...


@dataclass(frozen=True, slots=True)
class StartingAfter:
    """Stripe: `has_more`, and the id of the last row is the cursor."""

    def next(self, page: Answered) -> Step:
        return Step(bool(page.reply.data["has_more"]), page.rows[-1]["id"] if page.rows else None)


@dataclass(frozen=True, slots=True)
class AfterCursor:
    """HubSpot lists: `paging.next.after`, absent on the last page."""

    def next(self, page: Answered) -> Step:
        after = page.reply.get("paging", "next", "after")
        return END if after is None else Step(True, after)


@dataclass(frozen=True, slots=True)
class Keyset:
    """HubSpot search, sorted by id: ask for ids greater than the last one; `total` is what is left from there.

    Never uses the vendor's offset, so rows that leave the result while we read shift nothing, and the cap of 10,000
    results a query is never reached. A page that is neither full nor all that is left is a fault.
    """

    size: int

    def next(self, page: Answered) -> Step:
        above = -1 if page.cursor is None else int(page.cursor)
        fresh = {int(row["id"]) for row in page.rows if int(row["id"]) > above}
        if int(page.reply.data["total"]) == len(fresh):
            return END
        return Step(True, str(max(fresh)) if len(fresh) >= self.size else None)


@dataclass(frozen=True, slots=True)
class TokenBefore:
    """Typeform responses: a page that is full may be followed by older rows, before the last row's token."""

    size: int

    def next(self, page: Answered) -> Step:
        return Step(True, page.rows[-1]["token"]) if len(page.rows) >= self.size else END


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Typeform forms: pages 1 to the number at `count`; the cursor is the number of the page to ask for."""

    count: str = "page_count"

    def next(self, page: Answered) -> Step:
        number = 1 if page.cursor is None else int(page.cursor)
        return Step(True, number + 1) if number < int(page.reply.data[self.count]) else END


@dataclass(frozen=True, slots=True)
class NextLink:
    """UptimeRobot v3: the whole URL of the next page, null on the last one. `Http` refuses another origin."""

    field: str = "nextLink"

    def next(self, page: Answered) -> Step:
        link = page.reply.get(*self.field.split("."))
        return END if link is None else Step(True, link)


@dataclass(frozen=True, slots=True)
class RelayCursor:
    """GraphQL connections: `pageInfo{hasNextPage endCursor}` below `path` ("data.issues")."""

    path: str

    def next(self, page: Answered) -> Step:
        info = page.reply.get(*self.path.split("."), "pageInfo")
        return Step(True, info["endCursor"]) if info["hasNextPage"] else END


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a walk: the answer, its rows, and how many of them the page before already had."""

    reply: Reply
    rows: Sequence[Any]
    duplicates: int


def walk(
    fetch: Callable[[Cursor], Reply],
    pager: Pager,
    *,
    rows: str,
    key: Callable[[Any], object],
    doing: str,
    start: Cursor = None,
    asked_for: Callable[[Any], bool] | None = None,
) -> Iterator[Leaf]:
    """All pages from the first (or the one at `start`) to the last, each checked against those before it.

    `rows` is the dotted path to a page's rows, `key` gives what identifies one,
    `asked_for` whether the query can have meant it.

    A page that contradicts the walk (cursor seen before, rows of an earlier page or of another query, nothing in it but
    a promise of more) is asked for once more. Raises IncompleteLoad when it still does, ContractError when there is no
    list of rows.
    """
    cursor = start
    cursors: set[Cursor] = {start}
    pages: set[bytes] = set()
    before: set[object] = set()
    while True:
        for attempt in (1, 2):
            reply = fetch(cursor)
            found = _rows(reply, rows, doing)
            keys = [key(row) for row in found]
            step, digest = (
                pager.next(Answered(reply, found, cursor)),
                blake2b(repr(keys).encode(), digest_size=12).digest(),
            )
            strange = asked_for is not None and bool(found) and not any(map(asked_for, found))
            fault = _fault(step, found, step.cursor in cursors, digest in pages, strange)
            if fault is None:
                break
            if attempt == 2:
                raise IncompleteLoad(
                    doing,
                    f"{fault}, twice",
                    remedy="Nothing was written; the next run reads the window again. If it lasts, ask the vendor.",
                )
        if found:
            pages.add(digest)
        yield Leaf(reply, found, len(before.intersection(keys)) + len(keys) - len(set(keys)))
        if not step.more:
            return
        before = set(keys)
        cursor = step.cursor
        cursors.add(cursor)


def _fault(step: Step, found: Sequence[Any], known_cursor: bool, known_page: bool, strange: bool) -> str | None:
    if strange:
        return "a page came with none of the rows that were asked for"
    if found and known_page:
        return "a page came back with the rows of an earlier one"
    if step.more and not found:
        return "an empty page promised more"
    if step.more and step.cursor is None:
        return "the page promised more than it held and did not say where"
    if step.more and known_cursor:
        return "the vendor gave a cursor for the next page that it had given before"
    return None


def _rows(reply: Reply, path: str, doing: str) -> Sequence[Any]:
    found = reply.get(*path.split(".")) if path else reply.data
    if not isinstance(found, list):
        raise ContractError(
            doing,
            f"there is no list of records at {path or 'the top'!r} of the answer",
            remedy="Compare the answer with the vendor's changelog and adapt the connector.",
        )
    return found
