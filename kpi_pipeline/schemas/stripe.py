"""Streams of Stripe (API 2026-10-28.endive): who pays, for what, how much, and what became of it.

All amounts are whole minor units of `currency` (cents; yen for JPY), all instants UTC. `created` is Stripe's own time
of creation and what windows are cut on; a child (item, line, discount) is cut on its parent's. Mutable records are read
as of now: a past month's window holds what Stripe says today of records created then.
"""

from __future__ import annotations

from typing import Any

from kpi_pipeline.schemas.base import Exact, Flag, Instant, Number, StreamModel, Text, TextList, Whole, column

SUBSCRIPTION_STATUSES = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)
INVOICE_STATUSES = ("draft", "open", "paid", "uncollectible", "void")
CHARGE_STATUSES = ("succeeded", "pending", "failed")
REFUND_STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")


def _created(path: str = "created") -> Any:
    return column(path, unit="s", cursor=True)


def _instant(path: str, *, nullable: bool = True) -> Any:
    return column(path, unit="s", nullable=nullable)


def _currency(path: str = "currency", *, nullable: bool = False) -> Any:
    return column(path, nullable=nullable, str_matches=r"^[a-z]{3}$")


def _livemode() -> Any:
    return column("livemode", nullable=True)


class Customers(StreamModel):
    """One customer. The e-mail address is a salted hash; a deleted customer is a tombstone.

    `lead_id` and `organisation_id` are ids of the CRM, where the company writes them into the metadata.
    """

    id: Text = column("id", key=True)
    created: Instant = _created()
    email_hash: Text = column("email", hashed=True, nullable=True)
    country: Text = column("address.country", nullable=True)
    currency: Text = _currency(nullable=True)
    delinquent: Flag = column("delinquent", nullable=True)
    lead_id: Text = column("metadata.lead_id", nullable=True)
    organisation_id: Text = column("metadata.organisation_id", nullable=True)
    test_clock: Text = column("test_clock", nullable=True)
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.customers"


class Subscriptions(StreamModel):
    """One subscription, canceled ones included; `canceled_at`: its end was asked for, `ended_at`: its end came."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    customer_id: Text = column("customer")
    status: Text = column("status", isin=SUBSCRIPTION_STATUSES)
    currency: Text = _currency()
    start_date: Instant = _instant("start_date", nullable=False)
    trial_start: Instant = _instant("trial_start")
    trial_end: Instant = _instant("trial_end")
    cancel_at: Instant = _instant("cancel_at")
    cancel_at_period_end: Flag = column("cancel_at_period_end", nullable=True)
    canceled_at: Instant = _instant("canceled_at")
    ended_at: Instant = _instant("ended_at")
    cancel_reason: Text = column("cancellation_details.reason", nullable=True)
    pause_behavior: Text = column("pause_collection.behavior", nullable=True)
    pause_resumes_at: Instant = _instant("pause_collection.resumes_at")
    collection_method: Text = column("collection_method", nullable=True)
    latest_invoice_id: Text = column("latest_invoice", nullable=True)
    item_ids: TextList = column("items.data[].id")
    discount_ids: TextList = column("discounts[].id", nullable=True)
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.subscriptions"


class SubscriptionItems(StreamModel):
    """One price at one quantity within a subscription, its price as it was when read (inline prices are never listed).

    `unit_amount_decimal` is in minor units with up to 12 places, null for tiered prices; `quantity` is null if metered.
    An item that was taken out is no longer in its subscription's `item_ids`.
    """

    id: Text = column("id", key=True)
    subscription_id: Text = column("^.id")
    subscription_created: Instant = _created("^.created")
    created: Instant = _instant("created")
    price_id: Text = column("price.id")
    product_id: Text = column("price.product")
    currency: Text = _currency("price.currency")
    quantity: Whole = column("quantity", nullable=True, ge=0)
    unit_amount_decimal: Exact = column("price.unit_amount_decimal", nullable=True)
    billing_scheme: Text = column("price.billing_scheme", nullable=True)
    type: Text = column("price.type", nullable=True)
    interval: Text = column("price.recurring.interval", nullable=True, isin=("day", "week", "month", "year"))
    interval_count: Whole = column("price.recurring.interval_count", nullable=True, gt=0)
    usage_type: Text = column("price.recurring.usage_type", nullable=True, isin=("licensed", "metered"))
    tax_behavior: Text = column("price.tax_behavior", nullable=True)
    period_start: Instant = _instant("current_period_start")
    period_end: Instant = _instant("current_period_end")
    discount_ids: TextList = column("discounts[].id", nullable=True)

    class Config(StreamModel.Config):
        name = "stripe.subscription_items"


class Discounts(StreamModel):
    """A coupon as applied to a subscription or to one of its items, [start, end)."""

    id: Text = column("id", key=True)
    subscription_id: Text = column("subscription_id")
    subscription_created: Instant = _created("subscription_created")
    subscription_item_id: Text = column("subscription_item_id", nullable=True)
    coupon_id: Text = column("source.coupon")
    start: Instant = _instant("start", nullable=False)
    end: Instant = _instant("end")

    class Config(StreamModel.Config):
        name = "stripe.discounts"


class Prices(StreamModel):
    """One price, active or not. `tiers` is JSON text: [{up_to, unit_amount_decimal, flat_amount_decimal}]."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    product_id: Text = column("product")
    active: Flag = column("active")
    currency: Text = _currency()
    type: Text = column("type", isin=("recurring", "one_time"))
    unit_amount_decimal: Exact = column("unit_amount_decimal", nullable=True)
    billing_scheme: Text = column("billing_scheme", nullable=True)
    interval: Text = column("recurring.interval", nullable=True, isin=("day", "week", "month", "year"))
    interval_count: Whole = column("recurring.interval_count", nullable=True, gt=0)
    usage_type: Text = column("recurring.usage_type", nullable=True)
    tax_behavior: Text = column("tax_behavior", nullable=True)
    tiers_mode: Text = column("tiers_mode", nullable=True)
    tiers: Text = column("tiers", unit="json", nullable=True)
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.prices"


class Products(StreamModel):
    """One product, active or not. `metadata` is JSON text; `category` is the key that companies sort products by."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    name: Text = column("name")
    active: Flag = column("active")
    category: Text = column("metadata.category", nullable=True)
    metadata: Text = column("metadata", unit="json", nullable=True)
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.products"


class Coupons(StreamModel):
    """One coupon: `percent_off` of the price, or `amount_off` minor units of `currency`."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    percent_off: Number = column("percent_off", nullable=True, gt=0, le=100)
    amount_off: Whole = column("amount_off", nullable=True, gt=0)
    currency: Text = _currency(nullable=True)
    duration: Text = column("duration", isin=("once", "repeating", "forever"))
    duration_in_months: Whole = column("duration_in_months", nullable=True, gt=0)
    valid: Flag = column("valid", nullable=True)

    class Config(StreamModel.Config):
        name = "stripe.coupons"


class Invoices(StreamModel):
    """One invoice. `booking_id` is the company's own reference in the metadata; totals include discounts and tax."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    number: Text = column("number", nullable=True)
    customer_id: Text = column("customer")
    subscription_id: Text = column("parent.subscription_details.subscription", nullable=True)
    booking_id: Text = column("metadata.booking_id", nullable=True)
    status: Text = column("status", isin=INVOICE_STATUSES)
    billing_reason: Text = column("billing_reason", nullable=True)
    currency: Text = _currency()
    subtotal: Whole = column("subtotal")
    total: Whole = column("total")
    total_excluding_tax: Whole = column("total_excluding_tax", nullable=True)
    amount_due: Whole = column("amount_due")
    amount_paid: Whole = column("amount_paid")
    amount_remaining: Whole = column("amount_remaining")
    amount_paid_off_stripe: Whole = column("amount_paid_off_stripe", nullable=True)
    finalized_at: Instant = _instant("status_transitions.finalized_at")
    paid_at: Instant = _instant("status_transitions.paid_at")
    voided_at: Instant = _instant("status_transitions.voided_at")
    due_date: Instant = _instant("due_date")
    period_start: Instant = _instant("period_start")
    period_end: Instant = _instant("period_end")
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.invoices"


class InvoiceLines(StreamModel):
    """One line of an invoice: `amount` before discount and exclusive tax, `discount_amount` and `tax_amount` its parts.

    Line ids are unique within their invoice only. Σ amount of an invoice's lines is the invoice's subtotal.
    """

    invoice_id: Text = column("invoice_id", key=True)
    id: Text = column("id", key=True)
    invoice_created: Instant = _created("invoice_created")
    subscription_id: Text = column("parent.subscription_item_details.subscription", nullable=True)
    subscription_item_id: Text = column("parent.subscription_item_details.subscription_item", nullable=True)
    price_id: Text = column("pricing.price_details.price", nullable=True)
    product_id: Text = column("pricing.price_details.product", nullable=True)
    currency: Text = _currency()
    amount: Whole = column("amount")
    discount_amount: Whole = column("discount_amount")
    tax_amount: Whole = column("tax_amount")
    quantity: Whole = column("quantity", nullable=True)
    unit_amount_decimal: Exact = column("pricing.unit_amount_decimal", nullable=True)
    proration: Flag = column("proration")
    period_start: Instant = _instant("period.start")
    period_end: Instant = _instant("period.end")

    class Config(StreamModel.Config):
        name = "stripe.invoice_lines"


class InvoicePayments(StreamModel):
    """One payment as applied to one invoice."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    invoice_id: Text = column("invoice")
    payment_intent_id: Text = column("payment.payment_intent", nullable=True)
    charge_id: Text = column("payment.charge", nullable=True)
    status: Text = column("status", isin=("open", "paid", "canceled"))
    amount_requested: Whole = column("amount_requested", nullable=True)
    amount_paid: Whole = column("amount_paid", nullable=True)
    currency: Text = _currency()
    paid_at: Instant = _instant("status_transitions.paid_at")

    class Config(StreamModel.Config):
        name = "stripe.invoice_payments"


class Charges(StreamModel):
    """One attempt to take money, successful or not."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    customer_id: Text = column("customer", nullable=True)
    payment_intent_id: Text = column("payment_intent", nullable=True)
    balance_transaction_id: Text = column("balance_transaction", nullable=True)
    booking_id: Text = column("metadata.booking_id", nullable=True)
    purpose: Text = column("metadata.purpose", nullable=True)
    status: Text = column("status", isin=CHARGE_STATUSES)
    paid: Flag = column("paid")
    amount: Whole = column("amount", ge=0)
    amount_captured: Whole = column("amount_captured", nullable=True)
    amount_refunded: Whole = column("amount_refunded", ge=0)
    refunded: Flag = column("refunded")
    disputed: Flag = column("disputed", nullable=True)
    currency: Text = _currency()
    failure_code: Text = column("failure_code", nullable=True)
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.charges"


class PaymentIntents(StreamModel):
    """One intended payment and where it stands."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    customer_id: Text = column("customer", nullable=True)
    latest_charge_id: Text = column("latest_charge", nullable=True)
    booking_id: Text = column("metadata.booking_id", nullable=True)
    purpose: Text = column("metadata.purpose", nullable=True)
    status: Text = column("status")
    amount: Whole = column("amount", ge=0)
    amount_received: Whole = column("amount_received", nullable=True)
    currency: Text = _currency()
    canceled_at: Instant = _instant("canceled_at")
    livemode: Flag = _livemode()

    class Config(StreamModel.Config):
        name = "stripe.payment_intents"


class Refunds(StreamModel):
    """Money sent back for a charge, tax included."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    charge_id: Text = column("charge", nullable=True)
    payment_intent_id: Text = column("payment_intent", nullable=True)
    balance_transaction_id: Text = column("balance_transaction", nullable=True)
    status: Text = column("status", nullable=True, isin=REFUND_STATUSES)
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    currency: Text = _currency()

    class Config(StreamModel.Config):
        name = "stripe.refunds"


class CreditNotes(StreamModel):
    """A credit on an invoice. `refund_ids` is empty when no money was sent back; void ones do not count."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    number: Text = column("number", nullable=True)
    invoice_id: Text = column("invoice")
    customer_id: Text = column("customer", nullable=True)
    status: Text = column("status", isin=("issued", "void"))
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    total: Whole = column("total", nullable=True)
    total_excluding_tax: Whole = column("total_excluding_tax", nullable=True)
    currency: Text = _currency()
    refund_ids: TextList = column("refunds[].refund", nullable=True)
    voided_at: Instant = _instant("voided_at")

    class Config(StreamModel.Config):
        name = "stripe.credit_notes"


class Disputes(StreamModel):
    """A charge that the payer contests at the bank."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    charge_id: Text = column("charge", nullable=True)
    payment_intent_id: Text = column("payment_intent", nullable=True)
    status: Text = column("status")
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    currency: Text = _currency()

    class Config(StreamModel.Config):
        name = "stripe.disputes"


class BalanceTransactions(StreamModel):
    """One movement of the Stripe balance, in the account's currency: net = amount − fee."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    type: Text = column("type")
    reporting_category: Text = column("reporting_category", nullable=True)
    source_id: Text = column("source", nullable=True)
    status: Text = column("status", isin=("available", "pending"))
    amount: Whole = column("amount")
    fee: Whole = column("fee")
    net: Whole = column("net")
    currency: Text = _currency()
    exchange_rate: Number = column("exchange_rate", nullable=True, gt=0)
    available_on: Instant = _instant("available_on", nullable=False)

    class Config(StreamModel.Config):
        name = "stripe.balance_transactions"


class Payouts(StreamModel):
    """Money sent from the Stripe balance to the bank."""

    id: Text = column("id", key=True)
    created: Instant = _created()
    balance_transaction_id: Text = column("balance_transaction", nullable=True)
    status: Text = column("status")
    amount: Whole = column("amount")
    currency: Text = _currency()
    arrival_date: Instant = _instant("arrival_date", nullable=False)

    class Config(StreamModel.Config):
        name = "stripe.payouts"


class Balance(StreamModel):
    """What was in the Stripe balance when it was read, by currency."""

    currency: Text = column("currency", key=True, str_matches=r"^[a-z]{3}$")
    available: Whole = column("available")
    pending: Whole = column("pending")

    class Config(StreamModel.Config):
        name = "stripe.balance"
