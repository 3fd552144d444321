"""Streams of Stripe (API 2026-10-28.endive): who pays, for what, how much, and what became of it.

All amounts are whole minor units of `currency` (cents; yen for JPY), all instants UTC. `created` is Stripe's own time
of creation and what windows are cut on; a child (item, line, discount) is cut on its parent's. Mutable records are read
as of now: a past month's window holds what Stripe says today of records created then.
"""

from __future__ import annotations

from kpi_pipeline.schemas.stripe.catalogue import Coupons, Customers, Prices, Products, TaxRates
from kpi_pipeline.schemas.stripe.invoices import (
    CreditNotes,
    InvoiceDiscounts,
    InvoiceItems,
    InvoiceLines,
    InvoicePayments,
    Invoices,
)
from kpi_pipeline.schemas.stripe.money import (
    Balance,
    BalanceTransactions,
    Charges,
    Disputes,
    PaymentIntents,
    Payouts,
    Refunds,
)
from kpi_pipeline.schemas.stripe.subscriptions import Discounts, SubscriptionEvents, SubscriptionItems, Subscriptions

__all__ = [
    "Balance",
    "BalanceTransactions",
    "Charges",
    "Coupons",
    "CreditNotes",
    "Customers",
    "Discounts",
    "Disputes",
    "InvoiceDiscounts",
    "InvoiceItems",
    "InvoiceLines",
    "InvoicePayments",
    "Invoices",
    "PaymentIntents",
    "Payouts",
    "Prices",
    "Products",
    "Refunds",
    "SubscriptionEvents",
    "SubscriptionItems",
    "Subscriptions",
    "TaxRates",
]
