"""What customers are subscribed to, item by item, and at which discount."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Exact, Flag, Instant, StreamModel, Text, TextList, Whole, column
from kpi_pipeline.schemas.stripe import fields

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


class Subscriptions(StreamModel):
    """One subscription, canceled ones included; `canceled_at`: its end was asked for, `ended_at`: its end came.

    `account_id` is the company's own reference in the metadata.
    """

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    customer_id: Text = column("customer")
    status: Text = column("status", isin=SUBSCRIPTION_STATUSES)
    currency: Text = fields.currency()
    start_date: Instant = fields.instant("start_date", nullable=False)
    trial_start: Instant = fields.instant("trial_start")
    trial_end: Instant = fields.instant("trial_end")
    cancel_at: Instant = fields.instant("cancel_at")
    cancel_at_period_end: Flag = column("cancel_at_period_end", nullable=True)
    canceled_at: Instant = fields.instant("canceled_at")
    ended_at: Instant = fields.instant("ended_at")
    cancel_reason: Text = column("cancellation_details.reason", nullable=True)
    pause_behavior: Text = column("pause_collection.behavior", nullable=True)
    pause_resumes_at: Instant = fields.instant("pause_collection.resumes_at")
    collection_method: Text = column("collection_method", nullable=True)
    latest_invoice_id: Text = column("latest_invoice", nullable=True)
    item_ids: TextList = column("items.data[].id")
    discount_ids: TextList = column("discounts[].id", nullable=True)
    account_id: Text = column("metadata.account_id", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.subscriptions"


class SubscriptionEvents(StreamModel):
    """What a subscription's status and pause were from an instant on. Stripe tells it for 30 days; landing keeps it.

    Events are rendered in the API version of their time; these fields have stood in the same place since 2020.
    """

    id: Text = column("id", key=True)
    created: Instant = fields.created()
    type: Text = column("type")
    subscription_id: Text = column("data.object.id")
    status: Text = column("data.object.status", isin=SUBSCRIPTION_STATUSES)
    pause_behavior: Text = column("data.object.pause_collection.behavior", nullable=True)
    livemode: Flag = fields.livemode()

    class Config(StreamModel.Config):
        name = "stripe.subscription_events"


class SubscriptionItems(StreamModel):
    """One price at one quantity within a subscription, its price as it was when read (inline prices are never listed).

    `unit_amount_decimal` is in minor units with up to 12 places, null for tiered prices; `quantity` is null if metered.
    An item that was taken out is no longer in its subscription's `item_ids`.
    """

    id: Text = column("id", key=True)
    subscription_id: Text = column("^.id")
    subscription_created: Instant = fields.created("^.created")
    created: Instant = fields.instant("created")
    price_id: Text = column("price.id")
    product_id: Text = column("price.product")
    currency: Text = fields.currency("price.currency")
    quantity: Whole = column("quantity", nullable=True, ge=0)
    unit_amount_decimal: Exact = column("price.unit_amount_decimal", nullable=True)
    billing_scheme: Text = column("price.billing_scheme", nullable=True)
    type: Text = column("price.type", nullable=True)
    interval: Text = column("price.recurring.interval", nullable=True, isin=("day", "week", "month", "year"))
    interval_count: Whole = column("price.recurring.interval_count", nullable=True, gt=0)
    usage_type: Text = column("price.recurring.usage_type", nullable=True, isin=("licensed", "metered"))
    tax_behavior: Text = column("price.tax_behavior", nullable=True)
    period_start: Instant = fields.instant("current_period_start")
    period_end: Instant = fields.instant("current_period_end")
    discount_ids: TextList = column("discounts[].id", nullable=True)

    class Config(StreamModel.Config):
        name = "stripe.subscription_items"


class Discounts(StreamModel):
    """A coupon as applied to a subscription or to one of its items, [start, end)."""

    id: Text = column("id", key=True)
    subscription_id: Text = column("subscription_id")
    subscription_created: Instant = fields.created("subscription_created")
    subscription_item_id: Text = column("subscription_item_id", nullable=True)
    coupon_id: Text = column("source.coupon")
    start: Instant = fields.instant("start", nullable=False)
    end: Instant = fields.instant("end")

    class Config(StreamModel.Config):
        name = "stripe.discounts"
