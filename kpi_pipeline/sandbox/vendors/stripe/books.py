"""Who belongs to whom in the world's billing records, indexed once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from kpi_pipeline.sandbox.world.model import (
    BillingCustomer,
    CreditNote,
    Dated,
    Discount,
    Dispute,
    Invoice,
    Payment,
    Price,
    Refund,
    Subscription,
    TaxRate,
    World,
)

T = TypeVar("T")


def epoch(instant: datetime) -> int:
    """Unix seconds: Stripe's unit of time."""
    return int(instant.timestamp())


def epoch_by(instant: datetime | None, now: datetime) -> int | None:
    """Unix seconds of what has happened by now, else None."""
    return int(instant.timestamp()) if instant is not None and instant <= now else None


def status_at(statuses: Dated, now: datetime) -> str:
    """The last status that began by now."""
    current = "incomplete"
    for name, since in statuses:
        if since <= now:
            current = name
    return current


def grouped(rows: Iterable[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    groups: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


class Books:
    """The billing side of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.currency = world.currency.lower()
        self.account = f"acct_{world.company}"
        self.customers: dict[str, BillingCustomer] = {row.id: row for row in world.customers}
        self.prices: dict[str, Price] = {row.id: row for row in world.prices}
        self.shown_prices: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, Subscription] = {row.id: row for row in world.subscriptions}
        self.tax_rates: dict[str, TaxRate] = {row.id: row for row in world.tax_rates}
        self.discounts: dict[str, tuple[Discount, Subscription]] = {
            each.id: (each, row) for row in world.subscriptions for each in row.discounts
        }
        self.subscriptions_of: dict[str, list[Subscription]] = grouped(world.subscriptions, lambda row: row.customer_id)
        self.invoices: dict[str, Invoice] = {row.id: row for row in world.invoices}
        self.payments: dict[str, Payment] = {row.id: row for row in world.payments}
        self.invoices_of: dict[str, list[Invoice]] = grouped(
            sorted(world.invoices, key=lambda row: row.created_at), lambda row: row.subscription_id
        )
        self._invoiced_at = {key: [row.created_at for row in rows] for key, rows in self.invoices_of.items()}
        self.refunds_of: dict[str, list[Refund]] = grouped(world.refunds, lambda row: row.payment_id)
        self.disputes_of: dict[str, list[Dispute]] = grouped(world.disputes, lambda row: row.payment_id)
        self.credit_notes_of: dict[str, list[CreditNote]] = grouped(world.credit_notes, lambda row: row.invoice_id)

    @cached_property
    def default_price(self) -> dict[str, str]:
        """The first price of each product."""
        first: dict[str, str] = {}
        for price in self.world.prices:
            first.setdefault(price.product_id, price.id)
        return first

    def livemode(self, customer_id: str) -> bool:
        customer = self.customers.get(customer_id)
        return customer.livemode if customer else True

    def latest_invoice(self, subscription_id: str, now: datetime) -> str | None:
        """The last invoice of a subscription that exists by now, thrown-away drafts left out."""
        rows = self.invoices_of.get(subscription_id, [])
        for row in reversed(rows[: bisect_right(self._invoiced_at.get(subscription_id, []), now)]):
            if row.deleted_at is None or row.deleted_at > now:
                return row.id
        return None
