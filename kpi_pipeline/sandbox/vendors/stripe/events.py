"""The change feed: one event for each dated fact of a record, kept for 30 days.

An event's object is rendered as of the event, in the API version that was the account's default then: what a reader of
events gets is not the shape that it pinned.
"""

from __future__ import annotations

import fnmatch
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe import versions
from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch
from kpi_pipeline.sandbox.vendors.stripe.shelf import Shelf, Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEPT = timedelta(days=30)
MAX_TYPES = 20
Fact = tuple[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Event:
    type: str
    at: datetime
    shelf: Shelf
    row: Any

    @property
    def id(self) -> str:
        """Made from what happened, so that it is the same in every run."""
        microseconds = (self.at - EPOCH) // MICROSECOND
        return f"evt_{zlib.crc32(self.type.encode()):08x}{microseconds:x}{self.shelf.id_of(self.row)[-10:]}"


def shelf(books: Books, shelves: Mapping[str, Shelf]) -> Shelf:
    """All events of the account, past and to come."""
    return Shelf(
        "events",
        "event",
        books,
        list(_events(books, shelves)),
        lambda event: event.at,
        event,
        filters={
            "type": lambda row, value, _: fnmatch.fnmatchcase(row.type, value),
            "types": lambda row, value, _: row.type in value,
            "delivery_success": _delivered,
        },
        since=lambda now: epoch(now - KEPT),
    )


def event(books: Books, row: Event, _: datetime) -> dict[str, Any]:
    """The event with its object as it was at that moment; an update says what the changed fields held before."""
    shown = _as_of(books, row, row.at)
    data: dict[str, Any] = {"object": shown}
    if row.type.endswith(".updated"):
        before = _as_of(books, row, row.at - timedelta(microseconds=1))
        data["previous_attributes"] = {key: value for key, value in before.items() if shown.get(key) != value}
    return {
        "id": row.id,
        "object": "event",
        "api_version": versions.ACCOUNT_DEFAULT,
        "created": epoch(row.at),
        "data": data,
        "livemode": shown.get("livemode", True),
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": row.type,
    }


def _as_of(books: Books, row: Event, at: datetime) -> dict[str, Any]:
    return versions.older(books, row.shelf.show(row.row, at))


def _events(books: Books, shelves: Mapping[str, Shelf]) -> Iterator[Event]:
    facts: dict[str, Callable[[Any], list[Fact]]] = {
        "customers": _customer,
        "subscriptions": _subscription,
        "invoices": _invoice,
        "invoiceitems": lambda row: [("invoiceitem.created", row.created_at)],
        "invoice_payments": lambda row: [("invoice_payment.paid", row[1].at)],
        "charges": lambda row: _charge(books, row),
        "payment_intents": _payment_intent,
        "refunds": lambda row: [("refund.created", row.created_at)],
        "disputes": lambda row: [("charge.dispute.created", row.created_at)],
        "credit_notes": lambda row: [("credit_note.created", row.created_at), ("credit_note.voided", row.voided_at)],
        "payouts": lambda row: [("payout.created", row.created_at), ("payout.paid", row.arrival_at)],
        "products": lambda row: [("product.created", row.created_at)],
        "prices": lambda row: [("price.created", row.created_at)],
        "coupons": lambda row: [("coupon.created", row.created_at)],
        "tax_rates": lambda row: [("tax_rate.created", row.created_at)],
    }
    for name, happened in facts.items():
        each = shelves[name]
        for row in each.rows:
            yield from (Event(kind, at, each, row) for kind, at in happened(row) if at is not None)


def _customer(row: Any) -> list[Fact]:
    changed = [("customer.updated", at) for at in row.modified if row.created_at < at != row.deleted_at]
    return [("customer.created", row.created_at), *changed, ("customer.deleted", row.deleted_at)]


def _subscription(row: Any) -> list[Fact]:
    kind = "customer.subscription"
    changed = [(f"{kind}.updated", at) for at in row.modified if row.created_at < at != row.ended_at]
    return [(f"{kind}.created", row.created_at), *changed, (f"{kind}.deleted", row.ended_at)]


def _invoice(row: Any) -> list[Fact]:
    named: list[Fact] = [
        ("invoice.created", row.created_at),
        ("invoice.finalized", row.finalized_at),
        ("invoice.paid", row.paid_at),
        ("invoice.payment_succeeded", row.paid_at if row.payments else None),
        ("invoice.voided", row.voided_at),
        ("invoice.marked_uncollectible", row.uncollectible_at),
        ("invoice.deleted", row.deleted_at),
    ]
    taken = {at for _, at in named}
    return named + [("invoice.updated", at) for at in row.modified if at not in taken]


def _charge(books: Books, row: Any) -> list[Fact]:
    first = ("charge.succeeded", row.succeeded_at) if row.failure_code is None else ("charge.failed", row.created_at)
    return [first, *(("charge.refunded", each.created_at) for each in books.refunds_of.get(row.id, ()))]


def _payment_intent(row: Any) -> list[Fact]:
    failed = row.created_at if row.failure_code is not None else None
    succeeded = row.succeeded_at if row.failure_code is None else None
    kind = "payment_intent"
    return [
        (f"{kind}.created", row.created_at),
        (f"{kind}.payment_failed", failed),
        (f"{kind}.succeeded", succeeded),
    ]


def _delivered(_row: Any, value: Value, _now: datetime) -> bool:
    return bool(value == "true")
