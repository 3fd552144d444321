"""Stripe: lists cut on `created`, changes from the event feed, children from their parents' pages.

Products, prices, coupons and tax rates are few and read whole: what a KPI needs of them may be older than any window.
Stripe has no "updated" filter. A window holds what was created in it, as it is now; later changes come from `changes`,
which reads the event feed (30 days) or, when the watermark is older than that, lists everything again.
Children (items, lines, discounts) come embedded in their parents, so each child stream lists the parents once more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import has
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.paging import Leaf
from kpi_pipeline.connectors.stripe import children, feed
from kpi_pipeline.connectors.stripe.collections import COLLECTIONS
from kpi_pipeline.connectors.stripe.glance import glance
from kpi_pipeline.connectors.stripe.listing import Lists
from kpi_pipeline.connectors.stripe.protocol import ACCOUNT, API_VERSION, ENDPOINT, classify, rates
from kpi_pipeline.landing.page import Page, Proof, Window

BASE_URL = "https://api.stripe.com"
FIRST = datetime(2010, 1, 1, tzinfo=UTC)  # nothing at Stripe is older
SETTLING = timedelta(days=31)  # a balance transaction is pending for at most that long
CHILDREN = {
    "subscription_items": children.items,
    "discounts": children.discounts,
    "invoice_lines": children.lines,
    "invoice_discounts": children.invoice_discounts,
}
WHOLE = ("products", "prices", "coupons", "tax_rates")


def _stream(name: str) -> Stream:
    if name in WHOLE:
        return Stream("stripe", name, read="snapshot")
    if name == "subscription_events":
        return Stream("stripe", name, lookback=feed.LATE, kept=feed.KEPT)
    if name == "balance_transactions":
        return Stream("stripe", name, lookback=SETTLING)
    if name == "invoice_payments":  # an event tells when one is paid, none when one is opened or canceled
        return Stream("stripe", name, changes="some", lookback=timedelta(days=3))
    return Stream("stripe", name, changes="all")


STREAMS = (*(_stream(name) for name in COLLECTIONS), Stream("stripe", "balance", read="snapshot"))


class Stripe:
    """One Stripe account. `concurrency` requests are in flight at most; Stripe also limits that per endpoint."""

    source = "stripe"
    api_version = API_VERSION
    streams = STREAMS

    def __init__(self, http: Http, *, now: Callable[[], datetime], concurrency: int) -> None:
        self._http, self._now, self._concurrency = http, now, concurrency
        self._lists = Lists(http, concurrency=concurrency)

    def read(self, stream: Stream, window: Window) -> Reading:
        """Records created in `window`, as they are now; of a snapshot all there is now, whatever the window."""
        if stream.name == "balance":
            return Reading(self._balance())
        if stream.read == "snapshot":
            return Reading(self._everything(stream, self._now()))
        return Reading(self._window(stream, window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Records with an event in [since − 10 min, until) as they are now, and tombstones of those that are gone.

        When `since` is more than 29 days ago the feed no longer reaches it: all records ever created before `until`
        come, with a proof "snapshot". Children of a deleted parent get no tombstone: their parent has one.
        """
        if stream.changes == "none":
            return None
        if since < self._now() - feed.KEPT:
            return Reading(self._everything(stream, until))
        return Reading(self._feed(stream, since, until))

    def close(self) -> None:
        self._http.close()

    def _window(self, stream: Stream, window: Window) -> Generator[Page, None, Proof]:
        began = self._now()
        yield from self._pages(stream, window)
        return Proof("exhausted", None, min(window.end, began))

    def _everything(self, stream: Stream, until: datetime) -> Generator[Page, None, Proof]:
        began = self._now()
        yield from self._pages(stream, Window(FIRST, until))
        return Proof("snapshot", None, min(until, began))

    def _feed(self, stream: Stream, since: datetime, until: datetime) -> Generator[Page, None, Proof]:
        began = self._now()
        collection = COLLECTIONS[stream.name]
        ids = feed.changed(self._lists, collection, since, until)
        for found in feed.reread(self._http, collection, ids, concurrency=self._concurrency):
            if found.bodies:
                yield self._page(stream, b'{"data":[' + b",".join(found.bodies) + b"]}", None)
            if found.gone and stream.name not in CHILDREN:
                body = orjson.dumps({"data": [{"id": each} for each in found.gone]})
                yield Page(body, "data", len(found.gone), deleted=True)
        return Proof("feed", None, min(until, began))

    def _pages(self, stream: Stream, window: Window) -> Iterator[Page]:
        def page(leaf: Leaf) -> Page:
            return self._page(stream, leaf.reply.body, list(leaf.rows))

        collection = COLLECTIONS[stream.name]
        decode = orjson.loads if stream.name in CHILDREN else glance(collection.born)
        yield from self._lists.created_in(collection, window, page, decode=decode)

    def _page(self, stream: Stream, body: bytes, records: list[dict[str, Any]] | None) -> Page:
        found = orjson.loads(body)["data"] if records is None else records
        if stream.name in CHILDREN:
            return CHILDREN[stream.name](found, body, self._lists.read_on)
        return Page(body, "data", len(found))

    def _balance(self) -> Generator[Page, None, Proof]:
        """Sums by currency: Stripe lists available and pending amounts in arrays of their own."""
        began = self._now()
        reply = self._http.get(
            "/v1/balance",
            doing="reading the balance",
            success=has("available", "pending"),
            buckets=("/v1/balance", ACCOUNT),
        )
        sums: dict[str, dict[str, Any]] = {}
        for name in ("available", "pending"):
            for part in reply.data[name]:
                row = sums.setdefault(part["currency"], {"currency": part["currency"], "available": 0, "pending": 0})
                row[name] += part["amount"]
        yield Page(orjson.dumps({"data": list(sums.values())}), "data", len(sums))
        return Proof("snapshot", len(sums), began)


def connect(
    *,
    base_url: str,
    key: str,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Stripe:
    """A connector for one account. Settings: `requests_per_second` (an endpoint's, 25), `concurrency` (4)."""
    per_endpoint = Rate(float(settings.get("requests_per_second", ENDPOINT.limit)))
    paths = sorted(
        {each.path for each in COLLECTIONS.values()} | {"/v1/events", "/v1/balance", "/v1/subscription_items"}
    )
    http = Http(
        "stripe",
        base_url,
        auth={"Authorization": f"Bearer {key}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(rates(paths, live="_test_" not in key, per_endpoint=per_endpoint)),
        now=now,
        headers={"Stripe-Version": API_VERSION},
        **options,
    )
    return Stripe(http, now=now, concurrency=int(settings.get("concurrency", 4)))
