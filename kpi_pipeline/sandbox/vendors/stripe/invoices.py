"""Invoices, their lines and payments, and credit notes as Stripe shows them at an instant.

Since 2025-03-31.basil the subscription stands in `parent`, lines carry `pricing`, `parent` and `taxes`, and payments
are objects of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, epoch_by
from kpi_pipeline.sandbox.world.model import CreditNote, Invoice, InvoiceLine, InvoicePayment

EMBEDDED_LINES = 10


def status(row: Invoice, now: datetime) -> str:
    """draft, open, paid or void."""
    if row.voided_at is not None and row.voided_at <= now:
        return "void"
    if row.paid_at is not None and row.paid_at <= now:
        return "paid"
    return "open" if row.finalized_at is not None and row.finalized_at <= now else "draft"


def invoice(books: Books, row: Invoice, now: datetime) -> dict[str, Any]:
    subtotal = sum(line.amount for line in row.lines)
    discounted = sum(line.discount for line in row.lines)
    tax = sum(line.tax for line in row.lines)
    total = subtotal - discounted + tax
    paid = sum(payment.amount for payment in row.payments if payment.at <= now)
    before, after = _credited(books, row, now)
    shown = status(row, now)
    customer = books.customers.get(row.customer_id)
    due = max(0, total - before)
    automatic = row.due_at is None
    return {
        "id": row.id,
        "object": "invoice",
        "account_country": "NL",
        "account_name": books.world.company,
        "account_tax_ids": None,
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": paid,
        "amount_paid_off_stripe": 0,
        "amount_remaining": max(0, due - paid),
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 1 if paid else 0,
        "attempted": paid > 0,
        "auto_advance": shown in ("draft", "open"),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        "billing_reason": row.billing_reason,
        "collection_method": "charge_automatically" if automatic else "send_invoice",
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "custom_fields": None,
        "customer": row.customer_id,
        "customer_account": None,
        "customer_email": customer.email if customer else None,
        "customer_name": customer.name if customer else None,
        "default_tax_rates": [],
        "description": None,
        "discounts": discount_ids(books, row),
        "due_date": None if row.due_at is None else epoch(row.due_at),
        "effective_at": epoch_by(row.finalized_at, now),
        "ending_balance": None if shown == "draft" else 0,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "issuer": {"type": "self"},
        "latest_revision": None,
        "lines": {
            "object": "list",
            "data": [invoice_line(books, row, line) for line in row.lines[:EMBEDDED_LINES]],
            "has_more": len(row.lines) > EMBEDDED_LINES,
            "url": f"/v1/invoices/{row.id}/lines",
        },
        "livemode": books.livemode(row.customer_id),
        "metadata": {} if row.booking_id is None else {"booking_id": row.booking_id},
        "next_payment_attempt": None,
        "number": None if shown == "draft" else row.number,
        "on_behalf_of": None,
        "parent": None
        if row.subscription_id is None
        else {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": row.subscription_id},
            "type": "subscription_details",
        },
        "period_end": epoch(row.period_end),
        "period_start": epoch(row.period_start),
        "post_payment_credit_notes_amount": after,
        "pre_payment_credit_notes_amount": before,
        "receipt_number": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": shown,
        "status_transitions": {
            "finalized_at": epoch_by(row.finalized_at, now),
            "marked_uncollectible_at": None,
            "paid_at": epoch_by(row.paid_at, now),
            "voided_at": epoch_by(row.voided_at, now),
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [
            {"amount": discounted, "discount": each} for each in discount_ids(books, row)[:1] if discounted
        ],
        "total_excluding_tax": subtotal - discounted,
        "total_pretax_credit_amounts": [],
        "total_taxes": [_tax(tax, subtotal - discounted)] if tax else [],
        "webhooks_delivered_at": epoch(row.created_at),
    }


def invoice_line(books: Books, row: Invoice, line: InvoiceLine) -> dict[str, Any]:
    price = books.prices.get(line.price_id) if line.price_id else None
    net = line.amount - line.discount
    item = {
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "subscription": row.subscription_id,
    }
    by_item = line.subscription_item_id is not None
    kind = "subscription_item_details" if by_item else "invoice_item_details"
    own = {"subscription_item": line.subscription_item_id} if by_item else {}
    details = {"invoice_item": None if by_item else f"ii_{line.id}", **item, **own}
    return {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": row.currency.lower(),
        "description": line.description,
        "discount_amounts": [
            {"amount": line.discount, "discount": each} for each in discount_ids(books, row)[:1] if line.discount
        ],
        "discountable": True,
        "discounts": discount_ids(books, row) if line.discount else [],
        "invoice": row.id,
        "livemode": books.livemode(row.customer_id),
        "metadata": {},
        "parent": {"invoice_item_details": None, "subscription_item_details": None, kind: details, "type": kind},
        "period": {"end": epoch(line.period_end), "start": epoch(line.period_start)},
        "pretax_credit_amounts": [],
        "pricing": None
        if price is None
        else {
            "price_details": {"price": price.id, "product": line.product_id or price.product_id},
            "type": "price_details",
            "unit_amount_decimal": price.unit_amount_decimal,
        },
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": row.subscription_id,
        "subtotal": line.amount,
        "taxes": [_tax(line.tax, net)] if line.tax else [],
    }


def invoice_payment(books: Books, row: tuple[Invoice, InvoicePayment], _: datetime) -> dict[str, Any]:
    bill, payment = row
    return {
        "id": payment.id,
        "object": "invoice_payment",
        "amount_paid": payment.amount,
        "amount_requested": payment.amount,
        "created": epoch(payment.at),
        "currency": bill.currency.lower(),
        "invoice": bill.id,
        "is_default": True,
        "livemode": books.livemode(bill.customer_id),
        "payment": {"payment_intent": payment.payment_id, "type": "payment_intent"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": epoch(payment.at)},
    }


def credit_note(books: Books, row: CreditNote, now: datetime) -> dict[str, Any]:
    net = row.amount - row.tax
    bill = books.invoices[row.invoice_id]
    paid_before = bill.paid_at is not None and bill.paid_at <= row.created_at
    refunds = [{"amount_refunded": row.amount, "refund": row.refund_id, "type": "refund"}] if row.refund_id else []
    line = {
        "id": f"cnli_{row.id.removeprefix('cn_')}",
        "object": "credit_note_line_item",
        "amount": net,
        "description": row.reason,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": books.livemode(row.customer_id),
        "quantity": 1,
        "taxes": [_tax(row.tax, net)] if row.tax else [],
        "type": "custom_line_item",
        "unit_amount": net,
        "unit_amount_decimal": str(net),
    }
    return {
        "id": row.id,
        "object": "credit_note",
        "amount": row.amount,
        "amount_shipping": 0,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": epoch(row.created_at),
        "invoice": row.invoice_id,
        "lines": {"object": "list", "data": [line], "has_more": False, "url": f"/v1/credit_notes/{row.id}/lines"},
        "livemode": books.livemode(row.customer_id),
        "memo": None,
        "metadata": {},
        "number": row.number,
        "out_of_band_amount": None,
        "pre_payment_amount": 0 if paid_before else row.amount,
        "post_payment_amount": row.amount if paid_before else 0,
        "reason": row.reason,
        "refunds": refunds,
        "status": "void" if row.voided_at is not None and row.voided_at <= now else "issued",
        "subtotal": net,
        "subtotal_excluding_tax": net,
        "total": row.amount,
        "total_excluding_tax": net,
        "total_taxes": [_tax(row.tax, net)] if row.tax else [],
        "type": "post_payment" if paid_before else "pre_payment",
        "voided_at": epoch_by(row.voided_at, now),
    }


def discount_ids(books: Books, row: Invoice) -> list[str]:
    """The discounts of the invoice's subscription that held when the invoice was made."""
    if row.subscription_id is None:
        return []
    bill_at = row.created_at
    return [
        each.id
        for each in books.subscriptions[row.subscription_id].discounts
        if each.start <= bill_at and (each.end is None or each.end > bill_at)
    ]


def _credited(books: Books, row: Invoice, now: datetime) -> tuple[int, int]:
    """What credit notes took off before the invoice was paid, and after."""
    before = after = 0
    for note in books.credit_notes_of.get(row.id, ()):
        if note.created_at > now or (note.voided_at is not None and note.voided_at <= now):
            continue
        if row.paid_at is not None and row.paid_at <= note.created_at:
            after += note.amount
        else:
            before += note.amount
    return before, after


def _tax(amount: int, taxable: int) -> dict[str, Any]:
    return {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": "txr_standard"},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }
