"""Billing: what Stripe shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.sandbox.world.model.life import Dated


@dataclass(frozen=True, slots=True)
class BillingCustomer:
    id: str
    name: str
    email: str
    country: str
    currency: str
    created_at: datetime
    lead_id: int | None
    organisation_id: int | None
    modified: tuple[datetime, ...]
    deleted_at: datetime | None = None
    livemode: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    active: bool
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """`unit_amount_decimal` is Stripe's string in minor units; `tiers` are (up_to or None, unit amount).

    `tiers_mode`: graduated (each unit at the price of its tier) or volume (all units at the price of the last one).
    """

    id: str
    product_id: str
    currency: str
    unit_amount_decimal: str | None
    type: str  # "recurring", "one_time"
    interval: str | None
    interval_count: int | None
    created_at: datetime
    active: bool = True
    usage_type: str = "licensed"
    billing_scheme: str = "per_unit"
    tax_behavior: str = "exclusive"
    tiers: tuple[tuple[int | None, int], ...] = ()
    tiers_mode: str = "graduated"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """`inclusive`: the tax is part of the price; `percentage` is of the amount without it."""

    id: str
    created_at: datetime
    display_name: str
    country: str
    percentage: Decimal
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Coupon:
    id: str
    created_at: datetime
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None
    duration: str  # "once", "repeating", "forever"
    duration_in_months: int | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    id: str
    coupon_id: str
    start: datetime
    end: datetime | None
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """One price at one quantity over [start, end); a plan change ends one and starts another under the same `id`."""

    id: str
    price_id: str
    quantity: int | None
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`statuses` holds (status, since): trialing, active, past_due, unpaid, canceled.

    Billing periods are counted from the last of `anchors` (a change of interval starts anew), before the first from
    the end of the trial or the start. `tax_rate_id` is the rate on all its prices, if any.
    """

    id: str
    customer_id: str
    currency: str
    created_at: datetime
    start_date: datetime
    statuses: Dated
    items: tuple[SubscriptionItem, ...]
    modified: tuple[datetime, ...]
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    cancel_requested_at: datetime | None = None
    cancel_at_period_end: bool = False
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    discounts: tuple[Discount, ...] = ()
    pauses: tuple[tuple[str, datetime, datetime | None], ...] = ()  # (behaviour, from, until)
    collection_method: str = "charge_automatically"
    anchors: tuple[datetime, ...] = ()
    tax_rate_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """A proration: what a change in mid-period adds to an invoice, at once or (until `invoiced_at`) to the next one.

    `amount` is after discount: credit for unused time is negative.
    """

    id: str
    customer_id: str
    subscription_id: str
    subscription_item_id: str
    price_id: str
    currency: str
    amount: int
    quantity: int
    description: str
    period_start: datetime
    period_end: datetime
    created_at: datetime
    invoice_id: str | None
    invoiced_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`invoice_item_id`: the proration that the line bills. Inclusive tax is part of `amount`."""

    id: str
    description: str
    amount: int  # before discount, excl. exclusive tax
    quantity: int
    price_id: str | None
    product_id: str | None
    subscription_item_id: str | None
    period_start: datetime
    period_end: datetime
    proration: bool = False
    discount: int = 0
    tax: int = 0
    tax_rate_id: str | None = None
    tax_inclusive: bool = False
    invoice_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    id: str
    payment_id: str  # Payment.id
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """total = sum of line amounts - discounts + exclusive tax. `booking_id` is sent as metadata.booking_id.

    Balances are the customer's before and after: below zero the customer has credit, which lowers what is due.
    """

    id: str
    number: str
    customer_id: str
    subscription_id: str | None
    booking_id: str | None
    billing_reason: str
    currency: str
    lines: tuple[InvoiceLine, ...]
    created_at: datetime
    finalized_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    voided_at: datetime | None
    period_start: datetime
    period_end: datetime
    payments: tuple[InvoicePayment, ...]
    modified: tuple[datetime, ...]
    deleted_at: datetime | None = None  # a draft that was thrown away
    uncollectible_at: datetime | None = None
    starting_balance: int = 0
    ending_balance: int = 0


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment intent with its one charge. `purpose`: deposit, balance, full, tip, subscription.

    `settled` and `fee` are minor units of the account's currency; `exchange_rate` is None when currencies are equal.
    """

    id: str
    charge_id: str
    balance_transaction_id: str
    customer_id: str
    amount: int
    currency: str
    created_at: datetime
    succeeded_at: datetime | None
    failure_code: str | None
    invoice_id: str | None
    booking_id: str | None
    purpose: str
    settled: int
    fee: int
    exchange_rate: Decimal | None
    available_on: datetime | None
    payout_id: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    balance_transaction_id: str
    payment_id: str
    amount: int  # incl. tax
    currency: str
    created_at: datetime
    reason: str
    settled: int


@dataclass(frozen=True, slots=True)
class CreditNote:
    """`amount` includes `tax`. `refund_id` is set when the money was sent back, else the credit stays on account."""

    id: str
    number: str
    invoice_id: str
    customer_id: str
    currency: str
    amount: int
    tax: int
    reason: str
    created_at: datetime
    refund_id: str | None
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    id: str
    payment_id: str
    amount: int
    currency: str
    created_at: datetime
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Payout:
    id: str
    balance_transaction_id: str
    amount: int
    currency: str
    created_at: datetime
    arrival_at: datetime
