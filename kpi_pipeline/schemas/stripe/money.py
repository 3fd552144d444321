"""Money in, money back, and what Stripe holds of it."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Instant, Number, StreamModel, Text, Whole, column
from kpi_pipeline.schemas.stripe import fields

CHARGE_STATUSES = ("succeeded", "pending", "failed")
REFUND_STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")


class Charges(StreamModel):
    """One attempt to take money, successful or not."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
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
    currency: Text = fields.currency()
    failure_code: Text = column("failure_code", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.charges"


class PaymentIntents(StreamModel):
    """One intended payment and where it stands."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    customer_id: Text = column("customer", nullable=True)
    latest_charge_id: Text = column("latest_charge", nullable=True)
    booking_id: Text = column("metadata.booking_id", nullable=True)
    purpose: Text = column("metadata.purpose", nullable=True)
    status: Text = column("status")
    amount: Whole = column("amount", ge=0)
    amount_received: Whole = column("amount_received", nullable=True)
    currency: Text = fields.currency()
    canceled_at: Instant = fields.instant("canceled_at")
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.payment_intents"


class Refunds(StreamModel):
    """Money sent back for a charge, tax included."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    charge_id: Text = column("charge", nullable=True)
    payment_intent_id: Text = column("payment_intent", nullable=True)
    balance_transaction_id: Text = column("balance_transaction", nullable=True)
    status: Text = column("status", nullable=True, isin=REFUND_STATUSES)
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    currency: Text = fields.currency()

    class Config(StreamModel.Config):
        name = "stripe.refunds"


class Disputes(StreamModel):
    """A charge that the payer contests at the bank."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    charge_id: Text = column("charge", nullable=True)
    payment_intent_id: Text = column("payment_intent", nullable=True)
    status: Text = column("status")
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    currency: Text = fields.currency()

    class Config(StreamModel.Config):
        name = "stripe.disputes"


class BalanceTransactions(StreamModel):
    """One movement of the Stripe balance, in the account's currency: net = amount − fee."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    type: Text = column("type")
    reporting_category: Text = column("reporting_category", nullable=True)
    source_id: Text = column("source", nullable=True)
    status: Text = column("status", isin=("available", "pending"))
    amount: Whole = column("amount")
    fee: Whole = column("fee")
    net: Whole = column("net")
    currency: Text = fields.currency()
    exchange_rate: Number = column("exchange_rate", nullable=True, gt=0)
    available_on: Instant = fields.instant("available_on", nullable=False)

    class Config(StreamModel.Config):
        name = "stripe.balance_transactions"


class Payouts(StreamModel):
    """Money sent from the Stripe balance to the bank."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    balance_transaction_id: Text = column("balance_transaction", nullable=True)
    status: Text = column("status")
    amount: Whole = column("amount")
    currency: Text = fields.currency()
    arrival_date: Instant = fields.instant("arrival_date", nullable=False)

    class Config(StreamModel.Config):
        name = "stripe.payouts"


class Balance(StreamModel):
    """What was in the Stripe balance when it was read, by currency."""

    currency: Text = column("currency", key=True, str_matches=r"^[a-z]{3}$")
    available: Whole = column("available")
    pending: Whole = column("pending")

    class Config(StreamModel.Config):
        name = "stripe.balance"
