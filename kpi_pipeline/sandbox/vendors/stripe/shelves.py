"""Every list that Stripe offers, with the filters that it documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe import catalogue, invoices, money, settlement, subscriptions
from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, status_at
from kpi_pipeline.sandbox.vendors.stripe.shelf import Filter, Shelf, Value

ENDED = ("canceled", "incomplete_expired")


def build(books: Books) -> dict[str, Shelf]:
    """All shelves of an account by the name in their path."""
    world = books.world
    born: Callable[[Any], datetime] = lambda row: row.created_at  # noqa: E731 - a table of one-line functions
    customer: Filter = lambda row, value, _: row.customer_id == value  # noqa: E731
    currency: Filter = lambda row, value, _: row.currency.lower() == value  # noqa: E731
    thrown_away = lambda row, now: row.deleted_at is not None and row.deleted_at <= now  # noqa: E731
    payments_by = {"charge": lambda row, value, _: books.payments[row.payment_id].charge_id == value}
    intent: dict[str, Filter] = {"payment_intent": lambda row, value, _: row.payment_id == value}
    paid_lines = [(bill, payment) for bill in world.invoices for payment in bill.payments]
    charged = [row for row in world.payments if money.charged_at(row) is not None]
    shelves = [
        Shelf(
            "customers",
            "customer",
            books,
            world.customers,
            born,
            catalogue.customer,
            filters={"email": lambda row, value, _: row.email == value, "test_clock": _nothing},
            deleted=thrown_away,
        ),
        Shelf(
            "subscriptions",
            "subscription",
            books,
            world.subscriptions,
            born,
            subscriptions.subscription,
            filters={
                "status": _subscription_status,
                "customer": customer,
                "collection_method": lambda row, value, _: row.collection_method == value,
                "price": lambda row, value, now: any(i.price_id == value for i in subscriptions.items_at(row, now)),
                "test_clock": _nothing,
            },
            spans={
                "current_period_start": lambda row, now: _period(books, row, now, 0),
                "current_period_end": lambda row, now: _period(books, row, now, 1),
            },
            by_default={"status": lambda row, now: status_at(row.statuses, now) not in ENDED},
        ),
        Shelf(
            "invoices",
            "invoice",
            books,
            world.invoices,
            born,
            invoices.invoice,
            filters={
                "customer": customer,
                "subscription": lambda row, value, _: row.subscription_id == value,
                "status": lambda row, value, now: invoices.status(row, now) == value,
                "collection_method": lambda row, value, _: (row.due_at is None) == (value == "charge_automatically"),
            },
            spans={"due_date": lambda row, _: None if row.due_at is None else epoch(row.due_at)},
            deleted=thrown_away,
        ),
        Shelf(
            "invoiceitems",
            "invoiceitem",
            books,
            world.invoice_items,
            born,
            invoices.invoice_item,
            filters={
                "customer": customer,
                "invoice": lambda row, value, now: row.invoice_id == value and row.invoiced_at <= now,
                "pending": lambda row, value, now: _pending(row, now) == (value == "true"),
            },
        ),
        Shelf(
            "invoice_payments",
            "invoice_payment",
            books,
            paid_lines,
            lambda row: row[1].at,
            settlement.invoice_payment,
            id_of=lambda row: row[1].id,
            filters={
                "invoice": lambda row, value, _: row[0].id == value,
                "status": lambda _row, value, _: value == "paid",
                "payment": lambda row, value, _: value.get("payment_intent", row[1].payment_id) == row[1].payment_id,
            },
        ),
        Shelf(
            "charges",
            "charge",
            books,
            charged,
            lambda row: money.charged_at(row) or row.created_at,
            money.charge,
            id_of=lambda row: row.charge_id,
            filters={
                "customer": customer,
                "payment_intent": lambda row, value, _: row.id == value,
                "transfer_group": _nothing,
            },
        ),
        Shelf(
            "payment_intents",
            "payment_intent",
            books,
            world.payments,
            born,
            money.payment_intent,
            filters={"customer": customer},
        ),
        Shelf("refunds", "refund", books, world.refunds, born, money.refund, filters={**payments_by, **intent}),
        Shelf("disputes", "dispute", books, world.disputes, born, money.dispute, filters={**payments_by, **intent}),
        Shelf(
            "credit_notes",
            "credit_note",
            books,
            world.credit_notes,
            born,
            settlement.credit_note,
            filters={"customer": customer, "invoice": lambda row, value, _: row.invoice_id == value},
        ),
        Shelf(
            "balance_transactions",
            "balance_transaction",
            books,
            money.entries(books),
            born,
            money.balance_transaction,
            filters={
                "type": lambda row, value, _: row.type == value,
                "source": lambda row, value, _: row.source == value,
                "payout": lambda row, value, _: row.payout_id == value,
                "currency": lambda _row, value, _now: books.currency == value,
            },
        ),
        Shelf(
            "payouts",
            "payout",
            books,
            world.payouts,
            born,
            money.payout,
            filters={
                "status": lambda row, value, now: value == ("paid" if row.arrival_at <= now else "in_transit"),
                "destination": lambda _row, value, _now: value == "ba_main",
            },
            spans={"arrival_date": lambda row, _: epoch(row.arrival_at)},
        ),
        Shelf(
            "products",
            "product",
            books,
            world.products,
            born,
            catalogue.product,
            filters={
                "active": lambda row, value, _: row.active == (value == "true"),
                "ids": lambda row, value, _: row.id in value,
                "type": lambda _row, value, _now: value == "service",
                "url": _nothing,
            },
        ),
        Shelf(
            "prices",
            "price",
            books,
            world.prices,
            born,
            catalogue.price,
            filters={
                "active": lambda row, value, _: row.active == (value == "true"),
                "currency": currency,
                "lookup_keys": _nothing,
                "product": lambda row, value, _: row.product_id == value,
                "type": lambda row, value, _: row.type == value,
                "recurring": lambda row, value, _: all(getattr(row, key, None) == part for key, part in value.items()),
            },
            by_default={"active": lambda row, _: row.active},
        ),
        Shelf("coupons", "coupon", books, world.coupons, born, catalogue.coupon),
        Shelf(
            "tax_rates",
            "tax_rate",
            books,
            world.tax_rates,
            born,
            catalogue.tax_rate,
            filters={
                "active": lambda _row, value, _now: value == "true",
                "inclusive": lambda row, value, _: row.inclusive == (value == "true"),
            },
        ),
        Shelf(
            "promotion_codes",
            "promotion_code",
            books,
            (),
            born,
            catalogue.coupon,
            filters=dict.fromkeys(("active", "code", "coupon", "customer"), _nothing),
        ),
        Shelf(
            "subscription_schedules",
            "subscription_schedule",
            books,
            (),
            born,
            subscriptions.subscription,
            filters=dict.fromkeys(("customer", "scheduled"), _nothing),
            spans=dict.fromkeys(("canceled_at", "completed_at", "released_at"), lambda *_: None),
        ),
    ]
    return {shelf.name: shelf for shelf in shelves}


def _nothing(*_: Any) -> bool:
    return False


def _pending(row: Any, now: datetime) -> bool:
    return row.invoiced_at is None or row.invoiced_at > now


def _subscription_status(row: Any, value: Value, now: datetime) -> bool:
    current = status_at(row.statuses, now)
    return value == "all" or (current in ENDED if value == "ended" else current == value)


def _period(books: Books, row: Any, now: datetime, side: int) -> int | None:
    items = subscriptions.items_at(row, now)
    return epoch(subscriptions.current_period(books, row, items[0], now)[side]) if items else None
