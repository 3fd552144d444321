"""Two API versions: the one that clients pin, and the older one that is this account's default.

Without a Stripe-Version header Stripe answers in the account's default version, and events keep the version in which
they were made. Only what a KPI reads and what moved since is told apart
(changelogs 2025-03-31.basil and 2025-09-30.clover).
"""

from __future__ import annotations

from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books

CURRENT = "2026-10-28.endive"
ACCOUNT_DEFAULT = "2024-06-20"
SPOKEN = (CURRENT, ACCOUNT_DEFAULT)


def older(books: Books, shown: dict[str, Any]) -> dict[str, Any]:
    """The object in the account's default version: fields stand where they stood before basil."""
    change = {
        "subscription": _subscription,
        "invoice": _invoice,
        "invoiceitem": _invoice_item,
        "charge": _charge,
        "line_item": _line,
    }
    kind = shown.get("object")
    if kind == "list":
        return {**shown, "data": [older(books, each) for each in shown["data"]]}
    return change[kind](books, shown) if kind in change else shown


def _subscription(_: Books, shown: dict[str, Any]) -> dict[str, Any]:
    moved = ("current_period_start", "current_period_end")
    items = shown["items"]["data"]
    kept = [{key: value for key, value in item.items() if key not in moved} for item in items]
    period = {key: items[0][key] for key in moved} if items else {}
    return {**shown, **period, "discount": None, "items": {**shown["items"], "data": kept}}


def _invoice(books: Books, shown: dict[str, Any]) -> dict[str, Any]:
    gone = ("parent", "total_taxes", "amount_paid_off_stripe", "webhooks_delivered_at")
    kept = {key: value for key, value in shown.items() if key not in gone}
    paid_with = next((each.payment_id for each in books.invoices[shown["id"]].payments if shown["amount_paid"]), None)
    parent = shown["parent"]
    return {
        **kept,
        "charge": books.payments[paid_with].charge_id if paid_with else None,
        "discount": None,
        "lines": older(books, shown["lines"]),
        "paid": shown["status"] == "paid",
        "paid_out_of_band": False,
        "payment_intent": paid_with,
        "subscription": parent["subscription_details"]["subscription"] if parent else None,
        "tax": sum(each["amount"] for each in shown["total_taxes"]) or None,
    }


def _line(_: Books, shown: dict[str, Any]) -> dict[str, Any]:
    gone = ("parent", "pricing", "taxes", "subtotal", "quantity_decimal", "pretax_credit_amounts")
    kept = {key: value for key, value in shown.items() if key not in gone}
    by_item = shown["parent"]["type"] == "subscription_item_details"
    pricing = shown["pricing"]
    taxes = [{"amount": each["amount"], "inclusive": each["tax_behavior"] == "inclusive"} for each in shown["taxes"]]
    return {
        **kept,
        "price": pricing and pricing["price_details"]["price"],
        "proration": shown["parent"][shown["parent"]["type"]]["proration"],
        "tax_amounts": taxes,
        "type": "subscription" if by_item else "invoiceitem",
    }


def _invoice_item(_: Books, shown: dict[str, Any]) -> dict[str, Any]:
    gone = ("parent", "pricing", "net_amount", "quantity_decimal", "proration_details")
    kept = {key: value for key, value in shown.items() if key not in gone}
    return {**kept, **shown["parent"]["subscription_details"], "price": shown["pricing"]["price_details"]["price"]}


def _charge(books: Books, shown: dict[str, Any]) -> dict[str, Any]:
    return {**shown, "invoice": books.payments[shown["payment_intent"]].invoice_id}
