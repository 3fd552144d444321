"""Reading Stripe's lists: newest first, cut into slices of `created` that are walked side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

import orjson

from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.http import Decode, Http, RecordGone
from kpi_pipeline.connectors.paging import Cursor, Leaf, StartingAfter, walk
from kpi_pipeline.connectors.stripe.children import Record
from kpi_pipeline.connectors.stripe.collections import Collection
from kpi_pipeline.connectors.stripe.protocol import ACCOUNT, PAGE, list_of
from kpi_pipeline.connectors.windows import side_by_side, slices, units_since_epoch
from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.landing.page import Window

Query = Sequence[tuple[str, str]]
T = TypeVar("T")
BY_ID = itemgetter("id")
SECOND = timedelta(seconds=1)


class Lists:
    """The lists of one account."""

    def __init__(self, http: Http, *, concurrency: int) -> None:
        self._http = http
        self._concurrency = concurrency

    def created_in(
        self, collection: Collection, window: Window, page: Callable[[Leaf], T], *, decode: Decode = orjson.loads
    ) -> Iterator[T]:
        """All records of a collection created in `window`, in no order; `page` is applied where a leaf is read, so that
        parsed records are gone before a page has to wait. `decode` may leave out fields that `page` does not read.

        The first page tells how dense they are; if it is not the only one, what is older is cut into slices that need
        about two requests each.
        """
        for variant in collection.variants:
            yield from self._created_in(collection, tuple(variant.items()), window, page, decode)

    def walk(
        self,
        path: str,
        object_: str,
        query: Query,
        *,
        doing: str,
        expand: tuple[str, ...] = (),
        start: Cursor = None,
        asked_for: Callable[[Record], bool] | None = None,
        decode: Decode = orjson.loads,
    ) -> Iterator[Leaf]:
        """One list from its newest record (or the one after `start`) to its oldest."""
        endpoint = "/".join(path.split("/")[:3])
        fixed = [*query, ("limit", str(PAGE)), *(("expand[]", f"data.{relation}") for relation in expand)]

        def fetch(cursor: Cursor) -> Reply:
            params = fixed if cursor is None else [*fixed, ("starting_after", str(cursor))]
            try:
                return self._http.get(
                    path,
                    doing=doing,
                    params=params,
                    success=list_of(object_),
                    buckets=(endpoint, ACCOUNT),
                    decode=decode,
                )
            except RecordGone as error:
                if cursor is None:
                    raise
                raise IncompleteLoad(
                    error.doing,
                    f"{cursor}, after which the list was to go on, was deleted while we read",
                    remedy="Nothing was written; the next run reads the window again.",
                ) from None

        return walk(
            fetch, StartingAfter(), rows="data", key=BY_ID, doing=f"stripe: {doing}", start=start, asked_for=asked_for
        )

    def read_on(self, name: str, parent: Record) -> list[Record]:
        """All children of one record whose embedded list is cut short."""
        doing = f"reading the {name} of {parent['object']} {parent['id']}"
        if name == "lines":
            leaves = self.walk(f"/v1/invoices/{parent['id']}/lines", "line_item", (), doing=doing)
        else:
            query = [("subscription", str(parent["id"]))]
            leaves = self.walk("/v1/subscription_items", "subscription_item", query, doing=doing, expand=("discounts",))
        return [row for leaf in leaves for row in leaf.rows]

    def _created_in(
        self, collection: Collection, variant: Query, window: Window, page: Callable[[Leaf], T], decode: Decode
    ) -> Iterator[T]:
        head = next(self._slice(collection, variant, window, decode))
        yield page(head)
        if not head.reply.data["has_more"]:
            return
        newest, last = (_instant(head.rows[place][collection.born]) for place in (0, -1))
        pages = (last - window.start) / max(newest - last, SECOND)
        # more rows of the last row's own second may follow it, so the newest slice goes on behind that row
        parts = slices(
            Window(min(window.start, last), last + SECOND), max(1, min(4 * self._concurrency, round(pages / 2)))
        )
        starts = [None] * (len(parts) - 1) + [head.rows[-1]["id"]]

        def read(part: Window, start: Cursor) -> Iterator[T]:
            return map(page, self._slice(collection, variant, part, decode, start))

        tasks = [partial(read, *each) for each in zip(parts, starts, strict=True)]
        yield from side_by_side(tasks, workers=self._concurrency)

    def _slice(
        self, collection: Collection, variant: Query, window: Window, decode: Decode, start: Cursor = None
    ) -> Iterator[Leaf]:
        doing = f"listing {collection.object}s created {window.start:%Y-%m-%d %H:%M}..{window.end:%Y-%m-%d %H:%M}"
        query = (*variant, *between(window.start, window.end))
        first, last = int(query[-2][1]), int(query[-1][1])
        return self.walk(
            collection.path,
            collection.object,
            query,
            doing=doing,
            expand=collection.expand,
            start=start,
            decode=decode,
            asked_for=lambda row: first <= int(row[collection.born]) < last,
        )


def between(start: datetime, end: datetime) -> Query:
    """Created in [start, end), in whole seconds: `created` has no fractions, so windows that adjoin stay adjoining."""
    first, last = (str(units_since_epoch(instant, SECOND)) for instant in (start, end))
    return ("created[gte]", first), ("created[lt]", last)


def _instant(second: Any) -> datetime:
    return datetime.fromtimestamp(int(second), UTC)
