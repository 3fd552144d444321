"""Stripe's lists: where each stream is, what it is made of, and which events say that one of its records changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Collection:
    """One list of the API.

    `object` is what every row must say it is. `variants` are the queries that together list everything (Stripe hides
    canceled subscriptions and inactive prices otherwise). `expand` are relations sent along, as seen from one record.
    `events` are the types whose `data.object` is such a record. `born` is the field that `created` is asked by.
    """

    path: str
    object: str
    events: tuple[str, ...]
    variants: tuple[Mapping[str, str], ...] = ({},)
    expand: tuple[str, ...] = ()
    born: str = "created"


def _events(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


_WRITTEN = ("created", "updated", "deleted")
_ACTIVE_OR_NOT = ({"active": "true"}, {"active": "false"})

SUBSCRIPTIONS = Collection(
    "/v1/subscriptions",
    "subscription",
    # "deleted" means canceled: the subscription stays and is read again like after any other event
    _events(
        "customer.subscription",
        *_WRITTEN,
        "paused",
        "resumed",
        "pending_update_applied",
        "pending_update_expired",
    ),
    variants=({"status": "all"},),
    expand=("discounts", "items.data.discounts"),
)
_INVOICE_EVENTS = _events(
    "invoice",
    *_WRITTEN,
    "finalized",
    "paid",
    "payment_succeeded",
    "payment_failed",
    "marked_uncollectible",
    "voided",
    "overpaid",
    "sent",
    "overdue",
)
INVOICES = Collection("/v1/invoices", "invoice", _INVOICE_EVENTS)
COLLECTIONS: Mapping[str, Collection] = {
    "customers": Collection("/v1/customers", "customer", _events("customer", *_WRITTEN)),
    "subscriptions": SUBSCRIPTIONS,
    "subscription_events": Collection("/v1/events", "event", (), ({"type": "customer.subscription.*"},)),
    "subscription_items": SUBSCRIPTIONS,
    "discounts": SUBSCRIPTIONS,
    "prices": Collection("/v1/prices", "price", _events("price", *_WRITTEN), _ACTIVE_OR_NOT, ("tiers",)),
    "products": Collection("/v1/products", "product", _events("product", *_WRITTEN), _ACTIVE_OR_NOT),
    "coupons": Collection("/v1/coupons", "coupon", _events("coupon", *_WRITTEN)),
    "tax_rates": Collection("/v1/tax_rates", "tax_rate", (), _ACTIVE_OR_NOT),
    "invoices": INVOICES,
    "invoice_lines": INVOICES,
    "invoice_discounts": Collection("/v1/invoices", "invoice", _INVOICE_EVENTS, expand=("discounts",)),
    "invoice_items": Collection(
        "/v1/invoiceitems", "invoiceitem", _events("invoiceitem", "created", "deleted"), born="date"
    ),
    "invoice_payments": Collection("/v1/invoice_payments", "invoice_payment", ("invoice_payment.paid",)),
    "charges": Collection(
        "/v1/charges",
        "charge",
        _events("charge", "captured", "expired", "failed", "pending", "refunded", "succeeded", "updated"),
    ),
    "payment_intents": Collection(
        "/v1/payment_intents",
        "payment_intent",
        _events(
            "payment_intent",
            "created",
            "succeeded",
            "payment_failed",
            "canceled",
            "processing",
            "requires_action",
            "amount_capturable_updated",
            "partially_funded",
        ),
    ),
    "refunds": Collection(
        "/v1/refunds", "refund", (*_events("refund", "created", "updated", "failed"), "charge.refund.updated")
    ),
    "credit_notes": Collection(
        "/v1/credit_notes", "credit_note", _events("credit_note", "created", "updated", "voided")
    ),
    "disputes": Collection(
        "/v1/disputes",
        "dispute",
        _events("charge.dispute", "created", "updated", "closed", "funds_reinstated", "funds_withdrawn"),
    ),
    "balance_transactions": Collection("/v1/balance_transactions", "balance_transaction", ()),
    "payouts": Collection(
        "/v1/payouts",
        "payout",
        _events("payout", "created", "updated", "paid", "failed", "canceled", "reconciliation_completed"),
    ),
}
