"""Records that Stripe embeds in others: items and discounts of subscriptions, lines and discounts of invoices.

Complete, or the read fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.landing.page import Page

Record = dict[str, Any]
ReadOn = Callable[[str, Record], list[Record]]


def items(parents: list[Record], body: bytes, read_on: ReadOn) -> Page:
    """Subscription items below their subscriptions; the answer's own bytes unless a list in it is cut short."""
    if _complete(parents, "items", read_on):
        body = orjson.dumps({"data": parents})
    return Page(body, "data[].items.data", len(parents))


def discounts(parents: list[Record], body: bytes, read_on: ReadOn) -> Page:
    """Discounts of subscriptions and of their items, one record each."""
    del body
    _complete(parents, "items", read_on)
    found = [
        discount
        | {"subscription_id": parent["id"], "subscription_created": parent["created"], "subscription_item_id": item}
        for parent in parents
        for item, discount in _discounts(parent)
    ]
    return Page(orjson.dumps({"data": found}), "data", len(found))


def lines(parents: list[Record], body: bytes, read_on: ReadOn) -> Page:
    """Invoice lines with the sums of their discounts and taxes.

    Raises IncompleteLoad when the lines of a finished invoice do not add up to its subtotal.
    """
    del body
    _complete(parents, "lines", read_on)
    found: list[Record] = []
    for parent in parents:
        own = parent["lines"]["data"]
        _check_sum(parent, own)
        found += [_line(parent, line) for line in own]
    return Page(orjson.dumps({"data": found}), "data", len(found))


def invoice_discounts(parents: list[Record], body: bytes, read_on: ReadOn) -> Page:
    """Discounts of invoices: the only place where one that has run out can still be read."""
    del body, read_on
    found = [
        discount | {"invoice_id": parent["id"], "invoice_created": parent["created"]}
        for parent in parents
        for discount in parent.get("discounts") or ()
    ]
    return Page(orjson.dumps({"data": found}), "data", len(found))


def _complete(parents: list[Record], name: str, read_on: ReadOn) -> bool:
    """Read on where the embedded list is only the first handful; True if any parent was changed."""
    cut = [parent for parent in parents if parent[name]["has_more"]]
    for parent in cut:
        parent[name] = {"object": "list", "has_more": False, "data": read_on(name, parent)}
    return bool(cut)


def _discounts(parent: Record) -> Iterator[tuple[str | None, Record]]:
    for discount in parent.get("discounts") or ():
        yield None, discount
    for item in parent["items"]["data"]:
        for discount in item.get("discounts") or ():
            yield item["id"], discount


def _line(invoice: Record, line: Record) -> Record:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return line | {
        "invoice_id": invoice["id"],
        "invoice_created": invoice["created"],
        "discount_amount": _sum(line.get("discount_amounts")),
        "tax_amount": _sum(line.get("taxes")),
        "proration": bool(details.get("proration")),
        "inclusive_tax_rate_id": next(filter(None, map(_inclusive_rate, line.get("taxes") or ())), None),
    }


def _inclusive_rate(tax: Mapping[str, Any]) -> str | None:
    details = tax.get("tax_rate_details") or {}
    return details.get("tax_rate") if tax.get("tax_behavior") == "inclusive" else None


def _sum(parts: list[Mapping[str, Any]] | None) -> int:
    return sum(int(part["amount"]) for part in parts or ())


def _check_sum(invoice: Record, own: list[Record]) -> None:
    """An invoice's subtotal is the sum of its lines, with or without the discounts on single lines."""
    if invoice["status"] == "draft":
        return
    gross = sum(int(line["amount"]) for line in own)
    off = sum(_sum(line.get("discount_amounts")) for line in own)
    if not min(gross - off, gross) <= int(invoice["subtotal"]) <= max(gross - off, gross):
        raise IncompleteLoad(
            f"stripe: reading the lines of invoice {invoice['id']}",
            f"its {len(own)} lines add up to {gross} (discounts {off}), but its subtotal is {invoice['subtotal']}",
            remedy="Nothing was written; the next run reads the invoice again. If it lasts, compare it in Stripe.",
        )
