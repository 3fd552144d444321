"""`expand[]`: ids replaced by the objects that they name, up to four levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe import catalogue
from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch
from kpi_pipeline.sandbox.vendors.stripe.errors import bad_parameter
from kpi_pipeline.sandbox.vendors.stripe.shelf import Shelf

MAX_DEPTH = 4
SHELF_OF = {
    "balance_transaction": "balance_transactions",
    "charge": "charges",
    "coupon": "coupons",
    "customer": "customers",
    "default_price": "prices",
    "invoice": "invoices",
    "latest_charge": "charges",
    "latest_invoice": "invoices",
    "payment_intent": "payment_intents",
    "price": "prices",
    "product": "products",
    "refund": "refunds",
    "subscription": "subscriptions",
}


class Expander:
    """Expands objects of one account as of an instant."""

    def __init__(self, books: Books, shelves: Mapping[str, Shelf], now: datetime) -> None:
        self._books = books
        self._shelves = shelves
        self._now = now

    def expand(self, shown: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
        """A copy of the object with every path expanded. Refuses, as Stripe does, a path that cannot be expanded."""
        shown = deepcopy(shown)
        for path in paths:
            parts = path.split(".")
            if len(parts) > MAX_DEPTH:
                raise bad_parameter(f"You cannot expand more than {MAX_DEPTH} levels of a property ({path}).", "expand")
            self._walk(shown, parts, path)
        return shown

    def _walk(self, shown: dict[str, Any], parts: Sequence[str], path: str) -> None:
        key, rest = parts[0], parts[1:]
        if key == "tiers" and shown.get("object") == "price" and not rest:
            shown["tiers"] = catalogue.tiers(self._books.prices[shown["id"]])
            return
        if key not in shown or (not rest and key not in SHELF_OF and key != "discounts"):
            raise bad_parameter(f"This property cannot be expanded ({path}).", "expand")
        if key == "discounts":
            shown[key] = [self._discount(each) if isinstance(each, str) else each for each in shown[key]]
        elif isinstance(shown[key], str):
            shown[key] = self._object(key, shown[key], path)
        if rest:
            below = shown[key] if isinstance(shown[key], list) else [shown[key]]
            for each in below:
                if isinstance(each, dict):
                    self._walk(each, rest, path)

    def _object(self, key: str, object_id: str, path: str) -> dict[str, Any]:
        if key not in SHELF_OF:
            raise bad_parameter(f"This property cannot be expanded ({path}).", "expand")
        shelf = self._shelves[SHELF_OF[key]]
        row = shelf.find(object_id, self._now)
        if row is None or shelf.deleted(row, self._now):
            return {"id": object_id, "object": shelf.object, "deleted": True}
        return shelf.show(row, self._now)

    def _discount(self, discount_id: str) -> dict[str, Any]:
        if discount_id in self._books.discounts:
            each, subscription = self._books.discounts[discount_id]
            return catalogue.discount(each, subscription.customer_id, subscription.id)
        bill = self._books.invoices[discount_id.removeprefix("di_")]
        return {**catalogue.own_discount(discount_id, bill.id, bill.customer_id), "start": epoch(bill.created_at)}
