"""Subscriptions and their items as Stripe shows them at an instant.

Since 2025-03-31.basil the billing period stands on the items, and discounts are ids unless they are expanded.
"""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe import catalogue
from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch, epoch_by, status_at
from kpi_pipeline.sandbox.world.model import Price, Subscription, SubscriptionItem

REASONS = ("cancellation_requested", "payment_disputed", "payment_failed")
FIXED = {"day": timedelta(days=1), "week": timedelta(days=7)}
MONTHS = {"month": 1, "year": 12}


def items_at(row: Subscription, now: datetime) -> list[SubscriptionItem]:
    """The items in force; those of an ended subscription are the ones that it ended with."""
    at = now
    if row.ended_at is not None and row.ended_at <= now:
        at = row.ended_at - timedelta(seconds=1)
    return [item for item in row.items if item.start <= at and (item.end is None or item.end > at)]


def period(anchor: datetime, price: Price, at: datetime) -> tuple[datetime, datetime]:
    """The billing period [start, end) around an instant, counted from the anchor; before it, the first period."""
    count = price.interval_count or 1
    name = price.interval or "month"
    if name in FIXED:
        step = FIXED[name] * count
        start = anchor + step * max(0, (at - anchor) // step)
        return start, start + step
    step_months = MONTHS[name] * count
    passed = (at.year - anchor.year) * 12 + at.month - anchor.month
    index = max(0, passed // step_months)
    if index and _plus_months(anchor, index * step_months) > at:
        index -= 1
    return _plus_months(anchor, index * step_months), _plus_months(anchor, (index + 1) * step_months)


def current_period(books: Books, row: Subscription, item: SubscriptionItem, now: datetime) -> tuple[datetime, datetime]:
    """The item's current billing period; a trial is a period of its own, and a change of interval begins a new one."""
    at = min(now, row.ended_at - timedelta(seconds=1)) if row.ended_at else now
    if row.trial_end is not None and at < row.trial_end:
        return row.trial_start or row.start_date, row.trial_end
    return period(_anchor(row, at), books.prices[item.price_id], at)


def _anchor(row: Subscription, at: datetime) -> datetime:
    return max((since for since in row.anchors if since <= at), default=row.trial_end or row.start_date)


def subscription(books: Books, row: Subscription, now: datetime) -> dict[str, Any]:
    requested = epoch_by(row.cancel_requested_at, now)
    ended = epoch_by(row.ended_at, now)
    at_period_end = row.cancel_at_period_end and requested is not None
    reason = row.cancel_reason if requested is not None or ended is not None else None
    items = [subscription_item(books, row, item, now) for item in items_at(row, now)]
    pause = next((p for p in row.pauses if p[1] <= now and (p[2] is None or p[2] > now)), None)
    return {
        "id": row.id,
        "object": "subscription",
        "application": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": epoch(_anchor(row, now)),
        "billing_mode": {"type": "classic"},
        "cancel_at": epoch(row.ended_at) if at_period_end and row.ended_at is not None else None,
        "cancel_at_period_end": at_period_end,
        "canceled_at": requested if requested is not None else ended,
        "cancellation_details": {
            "comment": None,
            "feedback": None if reason in REASONS else reason,
            "reason": reason if reason in REASONS or reason is None else "cancellation_requested",
        },
        "collection_method": row.collection_method,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "customer_account": None,
        "days_until_due": 30 if row.collection_method == "send_invoice" else None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": _tax_rates(books, row, now),
        "description": None,
        "discounts": discounts_at(row, now, None),
        "ended_at": ended,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={row.id}",
        },
        "latest_invoice": books.latest_invoice(row.id, now),
        "livemode": books.livemode(row.customer_id),
        "metadata": dict(row.metadata),
        "on_behalf_of": None,
        "pause_collection": pause and {"behavior": pause[0], "resumes_at": pause[2] and epoch(pause[2])},
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": epoch(row.start_date),
        "status": status_at(row.statuses, now),
        "test_clock": None,
        "trial_end": row.trial_end and epoch(row.trial_end),
        "trial_start": row.trial_start and epoch(row.trial_start),
    }


def subscription_item(books: Books, row: Subscription, item: SubscriptionItem, now: datetime) -> dict[str, Any]:
    start, end = current_period(books, row, item, now)
    first = min(other.start for other in row.items if other.id == item.id)
    return {
        "id": item.id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": epoch(max(first, row.created_at)),
        "current_period_end": epoch(end),
        "current_period_start": epoch(start),
        "discounts": discounts_at(row, now, item.id),
        "metadata": {},
        "price": _price(books, item.price_id, now),
        "quantity": item.quantity,
        "subscription": row.id,
        "tax_rates": [],
    }


def discounts_at(row: Subscription, now: datetime, item_id: str | None) -> list[str]:
    """Ids of the discounts in force on the subscription (item_id None) or on one item."""
    return [
        each.id
        for each in row.discounts
        if each.item_id == item_id and each.start <= now and (each.end is None or each.end > now)
    ]


def _tax_rates(books: Books, row: Subscription, now: datetime) -> list[dict[str, Any]]:
    return [catalogue.tax_rate(books, books.tax_rates[row.tax_rate_id], now)] if row.tax_rate_id else []


def _price(books: Books, price_id: str, now: datetime) -> dict[str, Any]:
    """A price never changes, so it is rendered once."""
    if price_id not in books.shown_prices:
        books.shown_prices[price_id] = catalogue.price(books, books.prices[price_id], now)
    return books.shown_prices[price_id]


def _plus_months(anchor: datetime, months: int) -> datetime:
    """The same day and time of a later month, the last day where the month is shorter, as Stripe bills."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, calendar.monthrange(year, month + 1)[1]))
