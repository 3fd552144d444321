"""What must hold of recurring revenue, trials and billed customers."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class MrrChange(FactModel):
    _order = (("first_at", "changed_at"),)

    change_id: Text = pa.Field(unique=True)
    customer_id: Text
    subscription_id: Text = maybe()
    product: Text
    product_group: Text = maybe()
    reason: Text = pa.Field(isin=("subscription", "fx"))
    changed_at: Whole = instant()
    delta_minor: Whole
    first_at: Whole = instant()


class InvoicedChange(FactModel):
    change_id: Text = pa.Field(unique=True)
    customer_id: Text
    invoice_id: Text
    changed_at: Whole = instant()
    delta_minor: Whole


class BillingCustomer(FactModel):
    customer_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    created_at: Whole = instant()
    first_mrr_at: Whole = instant(nullable=True)
    first_product: Text = maybe()
    first_mrr_minor: Whole = pa.Field(nullable=True)


class SubscriptionTrial(FactModel):
    _order = (("started_at", "ended_at"),)

    subscription_id: Text = pa.Field(unique=True)
    customer_id: Text
    account_id: Text = maybe()
    started_at: Whole = instant()
    ended_at: Whole = instant()
    first_paid_at: Whole = instant(nullable=True)
    repeat: Flag


MODELS: dict[str, type[FactModel]] = {
    "mrr_change": MrrChange,
    "invoiced_change": InvoicedChange,
    "billing_customer": BillingCustomer,
    "subscription_trial": SubscriptionTrial,
}
