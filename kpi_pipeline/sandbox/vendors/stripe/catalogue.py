"""Customers, products, prices and coupons as Stripe shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, status_at
from kpi_pipeline.sandbox.world.model import BillingCustomer, Coupon, Discount, Price, Product, TaxRate


def customer(books: Books, row: BillingCustomer, now: datetime) -> dict[str, Any]:
    mine = books.subscriptions_of.get(row.id, ())
    owes = any(status_at(each.statuses, now) in ("past_due", "unpaid") for each in mine)
    nowhere = {"city": None, "line1": None, "line2": None, "postal_code": None, "state": None}
    metadata = {"lead_id": row.lead_id, "organisation_id": row.organisation_id}
    return {
        "id": row.id,
        "object": "customer",
        "address": {**nowhere, "country": row.country},
        "balance": 0,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "customer_account": None,
        "default_source": None,
        "delinquent": owes,
        "description": None,
        "email": row.email,
        "invoice_prefix": row.id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": row.livemode,
        "metadata": {key: str(value) for key, value in metadata.items() if value is not None},
        "name": row.name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def product(books: Books, row: Product, _: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "product",
        "active": row.active,
        "created": epoch(row.created_at),
        "default_price": books.default_price.get(row.id),
        "description": None,
        "images": [],
        "livemode": True,
        "marketing_features": [],
        "metadata": dict(row.metadata),
        "name": row.name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": epoch(row.created_at),
        "url": None,
    }


def price(_books: Books, row: Price, _: datetime) -> dict[str, Any]:
    """A fractional or tiered price has no whole `unit_amount`; `unit_amount_decimal` keeps the fraction."""
    text = row.unit_amount_decimal
    recurring = row.type == "recurring"
    return {
        "id": row.id,
        "object": "price",
        "active": row.active,
        "billing_scheme": row.billing_scheme,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "custom_unit_amount": None,
        "livemode": True,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": row.product_id,
        "recurring": {
            "interval": row.interval,
            "interval_count": row.interval_count,
            "meter": None,
            "trial_period_days": None,
            "usage_type": row.usage_type,
        }
        if recurring
        else None,
        "tax_behavior": row.tax_behavior,
        "tiers_mode": row.tiers_mode if row.tiers else None,
        "transform_quantity": None,
        "type": row.type,
        "unit_amount": int(text) if text is not None and text.isdigit() else None,
        "unit_amount_decimal": text,
    }


def tiers(row: Price) -> list[dict[str, Any]]:
    """A price's tiers; sent only to those who expand them."""
    return [
        {
            "flat_amount": None,
            "flat_amount_decimal": None,
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
            "up_to": up_to,
        }
        for up_to, amount in row.tiers
    ]


def coupon(_books: Books, row: Coupon, _: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "coupon",
        "amount_off": row.amount_off,
        "created": epoch(row.created_at),
        "currency": row.currency.lower() if row.currency else None,
        "duration": row.duration,
        "duration_in_months": row.duration_in_months,
        "livemode": True,
        "max_redemptions": None,
        "metadata": {},
        "name": row.id,
        "percent_off": None if row.percent_off is None else float(row.percent_off),
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }


def tax_rate(_books: Books, row: TaxRate, _: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "tax_rate",
        "active": True,
        "country": row.country,
        "created": epoch(row.created_at),
        "description": None,
        "display_name": row.display_name,
        "effective_percentage": float(row.percentage),
        "flat_amount": None,
        "inclusive": row.inclusive,
        "jurisdiction": row.country,
        "jurisdiction_level": None,
        "livemode": True,
        "metadata": {},
        "percentage": float(row.percentage),
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat",
    }


def own_discount(discount_id: str, invoice_id: str, customer_id: str) -> dict[str, Any]:
    """A discount of one invoice, by a coupon that was made for it alone and deleted afterwards."""
    return {
        "id": discount_id,
        "object": "discount",
        "checkout_session": None,
        "customer": customer_id,
        "customer_account": None,
        "end": None,
        "invoice": invoice_id,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": f"once-{invoice_id}", "type": "coupon"},
        "start": 0,
        "subscription": None,
        "subscription_item": None,
    }


def discount(row: Discount, customer_id: str, subscription_id: str) -> dict[str, Any]:
    """Since 2025-09-30.clover the coupon stands at `source.coupon`."""
    return {
        "id": row.id,
        "object": "discount",
        "checkout_session": None,
        "customer": customer_id,
        "customer_account": None,
        "end": None if row.end is None else epoch(row.end),
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": row.coupon_id, "type": "coupon"},
        "start": epoch(row.start),
        "subscription": subscription_id,
        "subscription_item": row.item_id,
    }
