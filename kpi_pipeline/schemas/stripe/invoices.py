"""What was billed, line by line, and credited."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Exact, Flag, Instant, StreamModel, Text, TextList, Whole, column
from kpi_pipeline.schemas.stripe import fields

INVOICE_STATUSES = ("draft", "open", "paid", "uncollectible", "void")


class Invoices(StreamModel):
    """One invoice. `booking_id` is the company's own reference in the metadata; totals include discounts and tax."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    number: Text = column("number", nullable=True)
    customer_id: Text = column("customer")
    subscription_id: Text = column("parent.subscription_details.subscription", nullable=True)
    booking_id: Text = column("metadata.booking_id", nullable=True)
    status: Text = column("status", isin=INVOICE_STATUSES)
    billing_reason: Text = column("billing_reason", nullable=True)
    currency: Text = fields.currency()
    subtotal: Whole = column("subtotal")
    total: Whole = column("total")
    total_excluding_tax: Whole = column("total_excluding_tax", nullable=True)
    amount_due: Whole = column("amount_due")
    amount_paid: Whole = column("amount_paid")
    amount_remaining: Whole = column("amount_remaining")
    amount_paid_off_stripe: Whole = column("amount_paid_off_stripe", nullable=True)
    finalized_at: Instant = fields.instant("status_transitions.finalized_at")
    paid_at: Instant = fields.instant("status_transitions.paid_at")
    voided_at: Instant = fields.instant("status_transitions.voided_at")
    uncollectible_at: Instant = fields.instant("status_transitions.marked_uncollectible_at")
    due_date: Instant = fields.instant("due_date")
    period_start: Instant = fields.instant("period_start")
    period_end: Instant = fields.instant("period_end")
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.invoices"


class InvoiceLines(StreamModel):
    """One line of an invoice: `amount` before discount and exclusive tax, `discount_amount` and `tax_amount` its parts.

    Line ids are unique within their invoice only. Σ amount of an invoice's lines is the invoice's subtotal.
    """

    invoice_id: Text = column("invoice_id", key=True)
    id: Text = column("id", key=True)
    invoice_created: Instant = fields.created("invoice_created")
    subscription_id: Text = column("parent.subscription_item_details.subscription", nullable=True)
    subscription_item_id: Text = column("parent.subscription_item_details.subscription_item", nullable=True)
    price_id: Text = column("pricing.price_details.price", nullable=True)
    product_id: Text = column("pricing.price_details.product", nullable=True)
    currency: Text = fields.currency()
    amount: Whole = column("amount")
    discount_amount: Whole = column("discount_amount")
    tax_amount: Whole = column("tax_amount")
    inclusive_tax_rate_id: Text = column("inclusive_tax_rate_id", nullable=True)
    quantity: Whole = column("quantity", nullable=True)
    unit_amount_decimal: Exact = column("pricing.unit_amount_decimal", nullable=True)
    proration: Flag = column("proration")
    period_start: Instant = fields.instant("period.start")
    period_end: Instant = fields.instant("period.end")

    class Config(StreamModel.Config):
        name = "stripe.invoice_lines"


class InvoiceItems(StreamModel):
    """What waits for an invoice or became a line of one; `proration`: a subscription changed within its period.

    A negative amount gives back unused time of what was held before, at the `quantity` held before.
    """

    id: Text = column("id", key=True)
    created: Instant = fields.created("date")
    customer_id: Text = column("customer")
    subscription_id: Text = column("parent.subscription_details.subscription", nullable=True)
    subscription_item_id: Text = column("parent.subscription_details.subscription_item", nullable=True)
    invoice_id: Text = column("invoice", nullable=True)
    price_id: Text = column("pricing.price_details.price", nullable=True)
    product_id: Text = column("pricing.price_details.product", nullable=True)
    currency: Text = fields.currency()
    amount: Whole = column("amount")
    quantity: Whole = column("quantity", nullable=True)
    unit_amount_decimal: Exact = column("pricing.unit_amount_decimal", nullable=True)
    proration: Flag = column("proration")
    period_start: Instant = fields.instant("period.start")
    period_end: Instant = fields.instant("period.end")
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.invoice_items"


class InvoiceDiscounts(StreamModel):
    """A coupon as applied to one invoice; of a subscription's discount it holds the whole span [start, end)."""

    invoice_id: Text = column("invoice_id", key=True)
    id: Text = column("id", key=True)
    invoice_created: Instant = fields.created("invoice_created")
    subscription_id: Text = column("subscription", nullable=True)
    subscription_item_id: Text = column("subscription_item", nullable=True)
    coupon_id: Text = column("source.coupon", nullable=True)
    start: Instant = fields.instant("start")
    end: Instant = fields.instant("end")

    class Config(StreamModel.Config):
        name = "stripe.invoice_discounts"


class InvoicePayments(StreamModel):
    """One payment as applied to one invoice."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    invoice_id: Text = column("invoice")
    payment_intent_id: Text = column("payment.payment_intent", nullable=True)
    charge_id: Text = column("payment.charge", nullable=True)
    status: Text = column("status", isin=("open", "paid", "canceled"))
    amount_requested: Whole = column("amount_requested", nullable=True)
    amount_paid: Whole = column("amount_paid", nullable=True)
    currency: Text = fields.currency()
    paid_at: Instant = fields.instant("status_transitions.paid_at")

    class Config(StreamModel.Config):
        name = "stripe.invoice_payments"


class CreditNotes(StreamModel):
    """A credit on an invoice. `refund_ids` is empty when no money was sent back; void ones do not count."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    number: Text = column("number", nullable=True)
    invoice_id: Text = column("invoice")
    customer_id: Text = column("customer", nullable=True)
    status: Text = column("status", isin=("issued", "void"))
    reason: Text = column("reason", nullable=True)
    amount: Whole = column("amount", ge=0)
    total: Whole = column("total", nullable=True)
    total_excluding_tax: Whole = column("total_excluding_tax", nullable=True)
    currency: Text = fields.currency()
    refund_ids: TextList = column("refunds[].refund", nullable=True)
    voided_at: Instant = fields.instant("voided_at")

    class Config(StreamModel.Config):
        name = "stripe.credit_notes"
