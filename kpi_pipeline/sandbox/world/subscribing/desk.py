"""The desk that keeps a company's subscriptions: it writes all records of a life at the biller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.chance import stream, token
from kpi_pipeline.sandbox.world.model import BillingCustomer, Coupon, Discount, Price, Subscription, TaxRate, World
from kpi_pipeline.sandbox.world.names import person
from kpi_pipeline.sandbox.world.subscribing.course import Walk
from kpi_pipeline.sandbox.world.subscribing.cycles import next_boundary, once_until, plus_months
from kpi_pipeline.sandbox.world.subscribing.invoicing import Invoicing
from kpi_pipeline.sandbox.world.subscribing.life import Life, Pause

TOLD_APART = timedelta(days=28)  # the biller's change feed reaches back 30 days


class Desk:
    """Writes lives into `world`, whose products, prices, coupons and tax rates are there already.

    `rates`: what one unit of a currency is worth in the company's, for what the biller settles. `prefix` begins the
    numbers of invoices.
    """

    def __init__(
        self, world: World, seed: int, *, rates: Mapping[str, Decimal] | None = None, prefix: str = "INV"
    ) -> None:
        self.world, self.seed, self.prefix = world, seed, prefix
        self.rates: Mapping[str, Decimal] = {**({} if rates is None else rates), world.currency.lower(): Decimal(1)}
        self.prices: dict[str, Price] = {price.id: price for price in world.prices}
        self.coupons: dict[str, Coupon] = {coupon.id: coupon for coupon in world.coupons}
        self.tax_rates: dict[str, TaxRate] = {rate.id: rate for rate in world.tax_rates}
        self._customers: dict[str, int] = {}

    def subscribe(self, life: Life) -> Subscription:
        """Write the life's customer (unless it is known), subscription, invoices and payments. ValueError: no life."""
        customer = self._customer(life)
        self._check(life)
        discount = self._discount(life)
        pauses = self._pauses(life)
        course = Walk(self, life, Invoicing(self, life, customer, discount), pauses).course()
        requested = None if life.cancel_requested is None or life.ends is not None else life.cancel_requested
        changed = {at for pause in pauses for at in pause[1:] if at} | {at for at in (requested, course.ends) if at}
        changed |= {at for _, at in course.statuses} | set(course.moments)
        first = self.prices[life.items[0][0]]
        subscription = Subscription(
            id=token("sub_1", self.seed, "subscription", life.key),
            customer_id=customer,
            currency=first.currency,
            created_at=life.starts,
            start_date=life.starts,
            statuses=course.statuses,
            items=course.items,
            modified=tuple(sorted({life.starts} | {at for at in changed if at < self.world.horizon})),
            trial_start=life.starts if life.trial_days else None,
            trial_end=life.starts + timedelta(days=life.trial_days) if life.trial_days else None,
            cancel_requested_at=requested,
            cancel_at_period_end=requested is not None,
            ended_at=course.ends,
            cancel_reason=course.why,
            discounts=() if discount is None else (discount,),
            pauses=pauses,
            anchors=course.anchors,
            tax_rate_id=life.account.tax_rate_id,
            metadata=life.metadata,
        )
        self.world.subscriptions.append(subscription)
        return subscription

    def finish(self) -> None:
        """Put everything in order of creation, as worlds keep it."""
        world = self.world
        world.customers.sort(key=lambda row: row.created_at)
        world.subscriptions.sort(key=lambda row: row.created_at)
        world.invoices.sort(key=lambda row: row.created_at)
        world.invoice_items.sort(key=lambda row: row.created_at)
        world.payments.sort(key=lambda row: row.created_at)

    def _check(self, life: Life) -> None:
        stages = [life.items, *(change.items for change in life.changes)]
        for items in stages:
            prices = [self.prices[price_id] for price_id, _ in items]
            shapes = {(price.currency, price.interval, price.interval_count) for price in prices}
            if len(shapes) != 1 or prices[0].type != "recurring":
                raise ValueError(f"{life.key}: items of one moment need one currency and interval, not {shapes}")
            for price, (_, quantity) in zip(prices, items, strict=True):
                if (price.usage_type == "metered") != (quantity is None):
                    raise ValueError(f"{life.key}: {price.id} is {price.usage_type}, its quantity {quantity}")
        for at in (life.starts, *(change.at for change in life.changes)):
            if at.microsecond or at.tzinfo is not UTC:
                raise ValueError(f"{life.key}: {at} is not a whole second in UTC")

    def _customer(self, life: Life) -> str:
        account = life.account
        identifier = token("cus_", self.seed, "account", account.key)
        known = self._customers.get(account.key)
        if known is not None:
            other = self.world.customers[known]
            if life.starts < other.created_at:
                self.world.customers[known] = replace(other, created_at=life.starts, modified=(life.starts,))
            return identifier
        who = person(stream(self.seed, "account", account.key), account.country)
        self._customers[account.key] = len(self.world.customers)
        self.world.customers.append(
            BillingCustomer(
                id=identifier,
                name=account.name or f"{who.first_name} {who.last_name}",
                email=who.email,
                country=account.country,
                currency=self.prices[life.items[0][0]].currency,
                created_at=life.starts,
                lead_id=account.lead_id,
                organisation_id=account.organisation_id,
                modified=(life.starts,),
            )
        )
        return identifier

    def _discount(self, life: Life) -> Discount | None:
        if life.coupon is None:
            return None
        coupon, start = self.coupons[life.coupon], life.coupon_from or life.starts
        end = None
        if coupon.duration == "repeating":
            end = plus_months(start, coupon.duration_in_months or 1)
        elif coupon.duration == "once":
            end = once_until(start, life.trial_days if start == life.starts else 0)
        return Discount(token("di_1", self.seed, "subscription", life.key), coupon.id, start, end)

    def _pauses(self, life: Life) -> tuple[Pause, ...]:
        """Pauses, old ones moved to renewals: nothing at the biller tells any more when else they began or ended."""
        price = self.prices[life.items[0][0]]
        anchor = life.starts + timedelta(days=life.trial_days)
        old = datetime.combine(self.world.anchor, time(), UTC) - TOLD_APART

        def renewal(at: datetime) -> datetime:
            return next_boundary(anchor, price, at - timedelta(seconds=1))

        return tuple(
            (how, renewal(since), None if until is None else renewal(until)) if since < old else (how, since, until)
            for how, since, until in life.pauses
        )
