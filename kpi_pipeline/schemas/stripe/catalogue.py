"""Who can buy what: customers, products, prices, coupons, tax rates."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Exact, Flag, Instant, Number, StreamModel, Text, Whole, column
from kpi_pipeline.schemas.stripe import fields


class Customers(StreamModel):
    """One customer. The e-mail address is a salted hash; a deleted customer is a tombstone.

    `lead_id` and `organisation_id` are ids of the CRM, where the company writes them into the metadata.
    """

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    email_hash: Text = column("email", hashed=True, nullable=True)
    country: Text = column("address.country", nullable=True)
    currency: Text = fields.currency(nullable=True)
    delinquent: Flag = column("delinquent", nullable=True)
    lead_id: Text = column("metadata.lead_id", nullable=True)
    organisation_id: Text = column("metadata.organisation_id", nullable=True)
    test_clock: Text = column("test_clock", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.customers"


class Products(StreamModel):
    """One product, active or not. `metadata` is JSON text; `category` is the key that companies sort products by."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    name: Text = column("name")
    active: Flag = column("active")
    category: Text = column("metadata.category", nullable=True)
    metadata: Text = column("metadata", unit="json", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.products"


class Prices(StreamModel):
    """One price, active or not. `tiers` is JSON text: [{up_to, unit_amount_decimal, flat_amount_decimal}]."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    product_id: Text = column("product")
    active: Flag = column("active")
    currency: Text = fields.currency()
    type: Text = column("type", isin=("recurring", "one_time"))
    unit_amount_decimal: Exact = column("unit_amount_decimal", nullable=True)
    billing_scheme: Text = column("billing_scheme", nullable=True)
    interval: Text = column("recurring.interval", nullable=True, isin=("day", "week", "month", "year"))
    interval_count: Whole = column("recurring.interval_count", nullable=True, gt=0)
    usage_type: Text = column("recurring.usage_type", nullable=True)
    tax_behavior: Text = column("tax_behavior", nullable=True)
    tiers_mode: Text = column("tiers_mode", nullable=True)
    tiers: Text = column("tiers", unit="json", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.prices"


class Coupons(StreamModel):
    """One coupon: `percent_off` of the price, or `amount_off` minor units of `currency`."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    percent_off: Number = column("percent_off", nullable=True, gt=0, le=100)
    amount_off: Whole = column("amount_off", nullable=True, gt=0)
    currency: Text = fields.currency(nullable=True)
    duration: Text = column("duration", isin=("once", "repeating", "forever"))
    duration_in_months: Whole = column("duration_in_months", nullable=True, gt=0)
    valid: Flag = column("valid", nullable=True)

    class Config(StreamModel.Config):
        name = "stripe.coupons"


class TaxRates(StreamModel):
    """One tax rate; `inclusive`: prices contain it. `percentage` is of the amount without tax."""

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    display_name: Text = column("display_name", nullable=True)
    country: Text = column("country", nullable=True)
    percentage: Number = column("percentage", ge=0)
    inclusive: Flag = column("inclusive")
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.tax_rates"
