"""What settles an invoice: payments made on it, and credit notes that take some of it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, epoch_by
from kpi_pipeline.sandbox.vendors.stripe.invoices import tax_line
from kpi_pipeline.sandbox.world.model import CreditNote, Invoice, InvoicePayment


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
        "taxes": [tax_line(row.tax, net)] if row.tax else [],
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
        "total_taxes": [tax_line(row.tax, net)] if row.tax else [],
        "type": "post_payment" if paid_before else "pre_payment",
        "voided_at": epoch_by(row.voided_at, now),
    }
