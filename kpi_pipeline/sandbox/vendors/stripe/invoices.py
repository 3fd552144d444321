"""Invoices and their lines as Stripe shows them at an instant.

Since 2025-03-31.basil the subscription stands in `parent`, lines carry `pricing`, `parent` and `taxes`, and payments
are objects of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, epoch_by
from kpi_pipeline.sandbox.world.model import Invoice, InvoiceItem, InvoiceLine

EMBEDDED_LINES = 10
STANDARD = "txr_standard"
NOTHING_CREDITED = {"credited_items": None}
SAME_ON_INVOICES = {
    "object": "invoice",
    "account_country": "NL",
    "account_tax_ids": None,
    "amount_overpaid": 0,
    "amount_paid_off_stripe": 0,
    "amount_shipping": 0,
    "application": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
    "custom_fields": None,
    "customer_account": None,
    "default_tax_rates": (),
    "description": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "issuer": {"type": "self"},
    "latest_revision": None,
    "next_payment_attempt": None,
    "on_behalf_of": None,
    "receipt_number": None,
    "statement_descriptor": None,
    "test_clock": None,
    "total_pretax_credit_amounts": (),
}
SAME_ON_LINES = {"object": "line_item", "discountable": True, "metadata": {}, "pretax_credit_amounts": ()}


def status(row: Invoice, now: datetime) -> str:
    """draft, open, paid, void or uncollectible."""
    if row.voided_at is not None and row.voided_at <= now:
        return "void"
    if row.paid_at is not None and row.paid_at <= now:
        return "paid"
    if row.uncollectible_at is not None and row.uncollectible_at <= now:
        return "uncollectible"
    return "open" if row.finalized_at is not None and row.finalized_at <= now else "draft"


def invoice(books: Books, row: Invoice, now: datetime) -> dict[str, Any]:
    subtotal = discounted = tax = included = 0
    for line in row.lines:
        subtotal += line.amount
        discounted += line.discount
        tax += line.tax
        included += line.tax if line.tax_inclusive else 0
    net = subtotal - discounted - included
    paid = sum([payment.amount for payment in row.payments if payment.at <= now])
    before, after = _credited(books, row, now) if row.id in books.credit_notes_of else (0, 0)
    due = max(0, net + tax - before + row.starting_balance)
    shown = status(row, now)
    customer = books.customers[row.customer_id]
    discounts = discount_ids(books, row)
    created = epoch(row.created_at)
    return {
        **SAME_ON_INVOICES,
        "id": row.id,
        "account_name": books.world.company,
        "amount_due": due,
        "amount_paid": paid,
        "amount_remaining": max(0, due - paid),
        "attempt_count": 1 if paid else 0,
        "attempted": paid > 0,
        "auto_advance": shown in ("draft", "open"),
        "billing_reason": row.billing_reason,
        "collection_method": "charge_automatically" if row.due_at is None else "send_invoice",
        "created": created,
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "customer_email": customer.email,
        "customer_name": customer.name,
        "discounts": discounts,
        "due_date": None if row.due_at is None else epoch(row.due_at),
        "effective_at": epoch_by(row.finalized_at, now),
        "ending_balance": None if shown == "draft" else row.ending_balance,
        "lines": {
            "object": "list",
            "data": [invoice_line(books, row, line) for line in row.lines[:EMBEDDED_LINES]],
            "has_more": len(row.lines) > EMBEDDED_LINES,
            "url": f"/v1/invoices/{row.id}/lines",
        },
        "livemode": customer.livemode,
        "metadata": {} if row.booking_id is None else {"booking_id": row.booking_id},
        "number": None if shown == "draft" else row.number,
        "parent": _parent(row.subscription_id),
        "period_end": epoch(row.period_end),
        "period_start": epoch(row.period_start),
        "post_payment_credit_notes_amount": after,
        "pre_payment_credit_notes_amount": before,
        "starting_balance": row.starting_balance,
        "status": shown,
        "status_transitions": {
            "finalized_at": epoch_by(row.finalized_at, now),
            "marked_uncollectible_at": epoch_by(row.uncollectible_at, now),
            "paid_at": epoch_by(row.paid_at, now),
            "voided_at": epoch_by(row.voided_at, now),
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - included,
        "total": net + tax,
        "total_discount_amounts": _discounted(discounted, discounts),
        "total_excluding_tax": net,
        "total_taxes": _taxes(row, tax, net) if tax else [],
        "webhooks_delivered_at": created,
    }


def invoice_line(books: Books, row: Invoice, line: InvoiceLine) -> dict[str, Any]:
    discounts = discount_ids(books, row) if line.discount else []
    by_item = line.subscription_item_id is not None
    kind = "subscription_item_details" if by_item else "invoice_item_details"
    details = {
        "invoice_item": line.invoice_item_id if by_item else f"ii_{line.id}",
        "proration": line.proration,
        "proration_details": NOTHING_CREDITED,
        "subscription": row.subscription_id,
    }
    if by_item:
        details["subscription_item"] = line.subscription_item_id
    return {
        **SAME_ON_LINES,
        "id": line.id,
        "amount": line.amount,
        "currency": row.currency.lower(),
        "description": line.description,
        "discount_amounts": _discounted(line.discount, discounts),
        "discounts": discounts,
        "invoice": row.id,
        "livemode": books.customers[row.customer_id].livemode,
        "parent": {"invoice_item_details": None, "subscription_item_details": None, kind: details, "type": kind},
        "period": {"end": epoch(line.period_end), "start": epoch(line.period_start)},
        "pricing": _pricing(books, line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": row.subscription_id,
        "subtotal": line.amount,
        "taxes": [_line_tax(line)] if line.tax else [],
    }


def _taxes(row: Invoice, tax: int, net: int) -> list[dict[str, Any]]:
    """All lines of an invoice are taxed alike."""
    taxed = next(line for line in row.lines if line.tax)
    return [tax_line(tax, net, rate=taxed.tax_rate_id or STANDARD, inclusive=taxed.tax_inclusive)]


def _line_tax(line: InvoiceLine) -> dict[str, Any]:
    net = line.amount - line.discount - (line.tax if line.tax_inclusive else 0)
    return tax_line(line.tax, net, rate=line.tax_rate_id or STANDARD, inclusive=line.tax_inclusive)


def invoice_item(books: Books, row: InvoiceItem, now: datetime) -> dict[str, Any]:
    """A proration. It belongs to no invoice until one takes it up."""
    price = books.prices[row.price_id]
    billed = row.invoiced_at is not None and row.invoiced_at <= now
    return {
        "id": row.id,
        "object": "invoiceitem",
        "amount": row.amount,
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "customer_account": None,
        "date": epoch(row.created_at),
        "description": row.description,
        "discountable": False,
        "discounts": [],
        "invoice": row.invoice_id if billed else None,
        "livemode": books.livemode(row.customer_id),
        "metadata": {},
        "net_amount": row.amount,
        "parent": {
            "subscription_details": {
                "subscription": row.subscription_id,
                "subscription_item": row.subscription_item_id,
            },
            "type": "subscription_details",
        },
        "period": {"end": epoch(row.period_end), "start": epoch(row.period_start)},
        "pricing": {
            "price_details": {"price": price.id, "product": price.product_id},
            "type": "price_details",
            "unit_amount_decimal": price.unit_amount_decimal,
        },
        "proration": True,
        "proration_details": {"credited_items": None, "discount_amounts": []},
        "quantity": row.quantity,
        "quantity_decimal": str(row.quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def _pricing(books: Books, line: InvoiceLine) -> dict[str, Any] | None:
    """A line without a price of the catalogue was made with `price_data`: Stripe then makes a price for it alone.

    Only a line of a bare amount, which names no product either, has no pricing.
    """
    price = books.prices.get(line.price_id) if line.price_id else None
    if price is None and line.product_id is None:
        return None
    product = line.product_id if price is None or line.product_id is not None else price.product_id
    return {
        "price_details": {"price": f"price_{line.id}" if price is None else price.id, "product": product},
        "type": "price_details",
        "unit_amount_decimal": f"{line.amount / line.quantity:.12g}" if price is None else price.unit_amount_decimal,
    }


def discount_ids(books: Books, row: Invoice) -> list[str]:
    """The discounts of the invoice's subscription that held when the invoice was made; else one of its own, if any."""
    if row.subscription_id is None:
        return [f"di_{row.id}"] if any(line.discount for line in row.lines) else []
    made = row.created_at
    known = books.subscriptions[row.subscription_id].discounts
    return [each.id for each in known if each.start <= made and (each.end is None or each.end > made)]


def _discounted(amount: int, discounts: list[str]) -> list[dict[str, Any]]:
    return [{"amount": amount, "discount": discounts[0]}] if amount and discounts else []


def _parent(subscription_id: str | None) -> dict[str, Any] | None:
    if subscription_id is None:
        return None
    details = {"metadata": {}, "subscription": subscription_id}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


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


def tax_line(amount: int, taxable: int, *, rate: str = STANDARD, inclusive: bool = False) -> dict[str, Any]:
    """Tax on top of a net amount, or included in the price."""
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": rate},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }
