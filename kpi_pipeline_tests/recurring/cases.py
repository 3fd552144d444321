"""Records of Stripe written by hand, and the changes of MRR that they mean: each case is a customer of one account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline_tests.facts.records import Records, day, utc

SEEN = utc("2026-06-01 12:00")
TIERS = (
    '[{"up_to": 10, "unit_amount_decimal": "500", "flat_amount_decimal": "1000"},'
    ' {"up_to": null, "unit_amount_decimal": "400", "flat_amount_decimal": null}]'
)
Changes = list[tuple[str, int]]  # (UTC to the minute, minor units)


class Customer:
    """One customer with one subscription of one item, and whatever else a case adds to the account's `records`."""

    def __init__(self, records: Records, key: str) -> None:
        self.records, self.key, self.number = records, key, 0

    def known(self, company: str | None = None, **more: Any) -> Customer:
        self.records.add("stripe.customers", id=self.key, created=utc("2026-01-01"), organisation_id=company, **more)
        return self

    def subscribed(self, observed: datetime = SEEN, **more: Any) -> Customer:
        values: dict[str, Any] = {
            "customer_id": self.key,
            "status": "active",
            "currency": "eur",
            "created": utc("2026-01-10"),
            "start_date": utc("2026-01-10"),
            "item_ids": [f"si_{self.key}"],
        }
        self.records.add("stripe.subscriptions", id=f"sub_{self.key}", observed=observed, **{**values, **more})
        return self

    def billed(self, start: str, end: str, amount: int, price: str = "month", item: str = "", **more: Any) -> Customer:
        """An invoice of one full period with one line."""
        self.number += 1
        bill, own = f"in_{self.key}_{self.number}", ("status", "voided_at", "uncollectible_at")
        values: dict[str, Any] = {
            "created": utc(start),
            "customer_id": self.key,
            "subscription_id": f"sub_{self.key}",
            "status": "paid",
            "currency": "eur",
            **dict.fromkeys(("subtotal", "total", "amount_due", "amount_paid"), amount),
            "amount_remaining": 0,
        }
        self.records.add("stripe.invoices", id=bill, **values | {key: more[key] for key in own if key in more})
        line: dict[str, Any] = {
            "invoice_created": utc(start),
            "subscription_id": f"sub_{self.key}",
            "subscription_item_id": f"si_{self.key}{item}",
            "price_id": price,
            "product_id": "prod",
            "currency": "eur",
            "amount": amount,
            "discount_amount": 0,
            "tax_amount": 0,
            "quantity": 1,
            "proration": False,
            "period_start": utc(start),
            "period_end": utc(end),
        }
        line |= {key: value for key, value in more.items() if key not in own}
        self.records.add("stripe.invoice_lines", invoice_id=bill, id="il", **line)
        return self

    def prorated(self, at: str, amount: int, price: str = "month", quantity: int = 1) -> Customer:
        """A change at `at`; below zero it gives back what was held before."""
        self.number += 1
        self.records.add(
            "stripe.invoice_items",
            id=f"ii_{self.key}_{self.number}",
            created=utc(at),
            customer_id=self.key,
            subscription_id=f"sub_{self.key}",
            subscription_item_id=f"si_{self.key}",
            price_id=price,
            product_id="prod",
            currency="eur",
            amount=amount,
            quantity=quantity,
            proration=True,
            period_start=utc(at),
            period_end=utc("2027-01-10"),
        )
        return self

    def event(self, at: str, status: str = "active", pause: str | None = None) -> Customer:
        self.records.add(
            "stripe.subscription_events",
            id=f"evt_{self.key}_{at}",
            created=utc(at),
            type="customer.subscription.updated",
            subscription_id=f"sub_{self.key}",
            status=status,
            pause_behavior=pause,
        )
        return self

    def discounted(self, coupon: str, end: str | None = None, item: str | None = None) -> Customer:
        self.number += 1
        self.records.add(
            "stripe.discounts",
            id=f"di_{self.key}_{self.number}",
            subscription_id=f"sub_{self.key}",
            subscription_created=utc("2026-01-10"),
            subscription_item_id=item and f"si_{self.key}{item}",
            coupon_id=coupon,
            start=utc("2026-01-10"),
            end=end and utc(end),
        )
        return self

    def month(self, amount: int = 10_000, price: str = "month", **more: Any) -> Customer:
        """Subscribed on 10 January and billed that month."""
        return self.subscribed().billed("2026-01-10", "2026-02-10", amount, price, **more)


def catalogue() -> Records:
    """Products, prices, coupons, a tax rate and fixings of the dollar."""
    records = Records()
    made = utc("2026-01-01")
    records.add("stripe.products", id="prod", created=made, name="Portal", active=True, metadata='{"group": "ai"}')
    prices: dict[str, dict[str, Any]] = {
        "month": {"unit_amount_decimal": Decimal("10000")},
        "year": {"unit_amount_decimal": Decimal("120000"), "interval": "year"},
        "dollars": {"unit_amount_decimal": Decimal("10000"), "currency": "usd"},
        "metered": {"unit_amount_decimal": Decimal("2.5"), "usage_type": "metered"},
        "gross": {"unit_amount_decimal": Decimal("1999"), "tax_behavior": "inclusive"},
        "graduated": {"tiers": TIERS, "tiers_mode": "graduated", "billing_scheme": "tiered"},
        "volume": {"tiers": TIERS, "tiers_mode": "volume", "billing_scheme": "tiered"},
    }
    for interval, count in (("month", 3), ("year", 2), ("week", 1), ("week", 2), ("day", 1), ("day", 30)):
        prices[f"{count} {interval}"] = {
            "interval": interval,
            "interval_count": count,
            "unit_amount_decimal": Decimal("1"),
        }
    usual = {"interval": "month", "interval_count": 1, "usage_type": "licensed", "tax_behavior": "exclusive"}
    usual |= {"product_id": "prod", "active": True, "currency": "eur", "type": "recurring"}
    for name, price in prices.items():
        records.add("stripe.prices", id=name, created=made, **{**usual, **price})
    for name, percent, amount, duration in (
        ("20 %", 20.0, None, "forever"),
        ("12.5 %", 12.5, None, "forever"),
        ("all", 100.0, None, "forever"),
        ("half once", 50.0, None, "once"),
        ("30 % for a time", 30.0, None, "repeating"),
        ("25.00", None, 2_500, "forever"),
        ("30.00", None, 3_000, "forever"),
        ("999.99", None, 99_999, "forever"),
        ("10 %", 10.0, None, "forever"),
    ):
        currency = None if amount is None else "eur"
        terms = {"percent_off": percent, "amount_off": amount, "currency": currency, "duration": duration}
        records.add("stripe.coupons", id=name, created=made, **terms)
    records.add("stripe.tax_rates", id="txr", created=made, percentage=21.0, inclusive=True)
    for fixed, rate in (("2026-01-30", 1_250_000), ("2026-02-27", 1_000_000), ("2026-03-31", 800_000)):
        records.add("registers.fx_rates", day=day(fixed), currency="USD", rate_e6=rate)
    return records


def item_seen(c: Customer, at: str, price: str, quantity: int) -> None:
    c.records.add(
        "stripe.subscription_items",
        observed=utc(at),
        id=f"si_{c.key}",
        subscription_id=f"sub_{c.key}",
        subscription_created=utc("2026-01-10"),
        price_id=price,
        product_id="prod",
        currency="eur",
        quantity=quantity,
        interval="month",
        interval_count=1,
        usage_type="licensed",
        unit_amount_decimal=Decimal(10000),
    )


def ran_out(c: Customer) -> None:
    c.month().records.add(
        "stripe.invoice_discounts",
        invoice_id=f"in_{c.key}_1",
        id=f"di_{c.key}",
        invoice_created=utc("2026-01-10"),
        coupon_id="30 % for a time",
        subscription_id=f"sub_{c.key}",
        start=utc("2026-01-10"),
        end=utc("2026-02-10"),
    )


def two_items(c: Customer) -> None:
    """200.00 and 100.00: 10 % of each, then 30.00 shared two to one, then 10 % of the second alone."""
    c.subscribed(item_ids=[f"si_{c.key}", f"si_{c.key}b"]).billed("2026-01-10", "2026-02-10", 20_000)
    c.billed("2026-01-10", "2026-02-10", 10_000, item="b")
    c.discounted("10 %").discounted("30.00").discounted("10 %", item="b")


def dollars(c: Customer) -> None:
    """100 dollars bought in February at January's close, doubled in March at February's, gone before March ends."""
    c.subscribed(currency="usd", status="canceled", ended_at=utc("2026-03-31 21:59:59"))
    for start, end, amount in (("2026-02-10", "2026-03-10", 10_000), ("2026-03-10", "2026-04-10", 20_000)):
        c.billed(start, end, amount, "dollars", currency="usd")


def lengths(c: Customer) -> None:
    """Prices made for one subscription and since replaced: no list shows them."""
    c.subscribed().billed("2025-01-10", "2026-01-10", 120_000, "inline 1")
    c.billed("2026-01-10", "2026-04-10", 60_000, "inline 2").billed("2026-04-10", "2026-05-10", 5_000, "inline 3")
    c.billed("2026-05-10", "2026-05-20", 1_000, "inline 4")


def tiered(c: Customer) -> None:
    c.month(6_000, "graduated").prorated("2026-01-12", 1, "graduated", 12)
    c.prorated("2026-01-14", 1, "volume", 12).prorated("2026-01-16", 1, "volume", 10)


JAN = "2026-01-10 00:00"
WHOLE: Changes = [(JAN, 10_000)]
LOST_IN_FEBRUARY: Changes = [(JAN, 10_000), ("2026-02-10 00:00", -10_000)]
CASES: dict[str, tuple[Callable[[Customer], Any], Changes]] = {
    "a period holds from its start until something else does": (
        lambda c: c.month().billed("2026-02-10", "2026-03-10", 30_000),
        [(JAN, 10_000), ("2026-02-10 00:00", 20_000)],
    ),
    "a renewal invoice that is late is no churn meanwhile": (lambda c: c.month(), WHOLE),
    "three months": (lambda c: c.month(10_000, "3 month"), [(JAN, 3_333)]),
    "a year": (lambda c: c.month(120_000, "year"), [(JAN, 10_000)]),
    "two years": (lambda c: c.month(100_000, "2 year"), [(JAN, 4_167)]),
    "140.00 a week is 606.67 a month": (lambda c: c.month(14_000, "1 week"), [(JAN, 60_667)]),
    "two weeks": (lambda c: c.month(14_000, "2 week"), [(JAN, 30_333)]),
    "1.00 a day is 30.42 a month": (lambda c: c.month(100, "1 day"), [(JAN, 3_042)]),
    "thirty days": (lambda c: c.month(3_000, "30 day"), [(JAN, 3_042)]),
    "a price that no list shows is measured by the length of its period": (
        lengths,
        [
            ("2025-01-10 00:00", 10_000),
            (JAN, 10_000),
            ("2026-04-10 00:00", -15_000),
            ("2026-05-10 00:00", -1_958),  # 10.00 for ten days is 30.42
        ],
    ),
    "an end counts when it comes, not when it is asked for": (
        lambda c: c.subscribed(
            status="canceled", canceled_at=utc("2026-02-01"), ended_at=utc("2026-03-10"), cancel_at_period_end=True
        ).billed("2026-01-10", "2026-03-10", 10_000),
        [(JAN, 10_000), ("2026-03-10 00:00", -10_000)],
    ),
    "a trial counts from its end": (
        lambda c: (
            c.subscribed(trial_start=utc("2026-01-10"), trial_end=utc("2026-01-24"))
            .billed("2026-01-10", "2026-01-24", 0)
            .billed("2026-01-24", "2026-02-24", 10_000)
        ),
        [("2026-01-24 00:00", 10_000)],
    ),
    "a first payment that never came sold nothing": (
        lambda c: c.subscribed(status="incomplete_expired").billed("2026-01-10", "2026-02-10", 10_000),
        [],
    ),
    "a proration tells the second of a change before any invoice has it": (
        lambda c: (
            c.subscribed()
            .billed("2026-01-10", "2027-01-10", 120_000, "year")
            .prorated("2026-03-01 08:00", -100_000, "year")
            .prorated("2026-03-01 08:00", 200_000, "year", 2)
        ),
        [(JAN, 10_000), ("2026-03-01 08:00", 10_000)],
    ),
    "a credit alone ends the item": (
        lambda c: c.month().prorated("2026-01-20", -6_774),
        [(JAN, 10_000), ("2026-01-20 00:00", -10_000)],
    ),
    "a change of interval begins with its whole period": (
        lambda c: c.month().prorated("2026-01-20", -6_774).billed("2026-01-20", "2027-01-20", 240_000, "year"),
        [(JAN, 10_000), ("2026-01-20 00:00", 10_000)],
    ),
    "an item no longer listed ends with its last period": (
        lambda c: c.month().billed("2026-01-10", "2026-02-10", 500, item="old"),
        [(JAN, 10_500), ("2026-02-10 00:00", -500)],
    ),
    "a change without proration counts from when it was seen": (
        lambda c: item_seen(c.month(), "2026-05-20 06:00", "month", 3),
        [(JAN, 10_000), ("2026-05-20 06:00", 20_000)],
    ),
    "a period void from the start is paused": (
        lambda c: (
            c.month()
            .billed("2026-02-10", "2026-03-10", 10_000, status="void", voided_at=utc("2026-02-10"))
            .billed("2026-03-10", "2026-04-10", 10_000)
        ),
        [*LOST_IN_FEBRUARY, ("2026-03-10 00:00", 10_000)],
    ),
    "so is one uncollectible from the start": (
        lambda c: c.month().billed(
            "2026-02-10", "2026-03-10", 10_000, status="uncollectible", uncollectible_at=utc("2026-02-10 01:00")
        ),
        [*LOST_IN_FEBRUARY, ("2026-06-01 12:00", 10_000)],  # when it was seen to be active and not paused
    ),
    "an invoice given up later was owed": (lambda c: c.month(status="void", voided_at=utc("2026-01-31")), WHOLE),
    "a draft will be owed": (lambda c: c.month(status="draft"), WHOLE),
    "events tell the second of a pause and of its end": (
        lambda c: c.month().event("2026-05-12 10:00", pause="void").event("2026-05-20 09:00"),
        [(JAN, 10_000), ("2026-05-12 10:00", -10_000), ("2026-05-20 09:00", 10_000)],
    ),
    "an event ends a paused period before the period does": (
        lambda c: (
            c.month()
            .billed("2026-02-10", "2026-03-10", 10_000, status="void", voided_at=utc("2026-02-10"))
            .event("2026-02-20")
        ),
        [*LOST_IN_FEBRUARY, ("2026-02-20 00:00", 10_000)],
    ),
    "a pause that bills later changes nothing": (lambda c: c.month().event("2026-05-12", pause="keep_as_draft"), WHOLE),
    "nor does a late payment": (lambda c: c.month().event("2026-05-13", "past_due").event("2026-05-15"), WHOLE),
    "an unpaid subscription is lost until it was seen to be active": (
        lambda c: c.month().event("2026-05-15", "unpaid").subscribed(utc("2026-06-01 13:00")),
        [(JAN, 10_000), ("2026-05-15 00:00", -10_000), ("2026-06-01 12:00", 10_000)],
    ),
    "20 % off": (lambda c: c.month().discounted("20 %"), [(JAN, 8_000)]),
    "12.5 % off": (lambda c: c.month().discounted("12.5 %"), [(JAN, 8_750)]),
    "25.00 off": (lambda c: c.month().discounted("25.00"), [(JAN, 7_500)]),
    "25.00 off a year is 2.08 off a month": (lambda c: c.month(120_000, "year").discounted("25.00"), [(JAN, 9_792)]),
    "more off than there is": (lambda c: c.month().discounted("999.99"), []),
    "all off": (lambda c: c.month().discounted("all"), []),
    "a discount of one invoice is none": (lambda c: c.month().discounted("half once"), WHOLE),
    "a discount for a time ends": (
        lambda c: c.month().discounted("30 % for a time", "2026-03-10"),
        [(JAN, 7_000), ("2026-03-10 00:00", 3_000)],
    ),
    "one that has not ended yet": (lambda c: c.month().discounted("30 % for a time", "2026-07-10"), [(JAN, 7_000)]),
    "one that ran out is read from the invoice that had it": (ran_out, [(JAN, 7_000), ("2026-02-10 00:00", 3_000)]),
    "discounts stack, and an amount is shared by the items": (two_items, [(JAN, 7_200 + 16_000)]),
    "included tax is not revenue": (
        lambda c: (
            c.month(1_999, "gross", inclusive_tax_rate_id="txr")
            .prorated("2026-01-20", -1_300, "gross")
            .prorated("2026-01-20", 3_900, "gross", 3)
        ),
        [(JAN, 1_652), ("2026-01-20 00:00", 4_956 - 1_652)],
    ),
    "tiers are evaluated at the quantity": (
        tiered,
        [
            (JAN, 6_000),  # 10 × 5.00 + 10.00
            ("2026-01-12 00:00", 800),  # and 2 × 4.00
            ("2026-01-14 00:00", -2_000),  # 12 × 4.00
            ("2026-01-16 00:00", 1_200),  # 10 × 5.00 + 10.00
        ],
    ),
    "metered use is no recurring revenue": (lambda c: c.month(777, "metered"), []),
    "test data is none": (lambda c: c.known(livemode=False).month(), []),
    "nor is that of a test clock": (lambda c: c.known(test_clock="clock").month(), []),
    "dollars": (
        dollars,
        [
            ("2026-02-10 00:00", 8_000),
            ("2026-02-28 22:59", 2_000),
            ("2026-03-10 00:00", 10_000),
            ("2026-03-31 21:59", -20_000),
        ],
    ),
}


def account() -> Records:
    """One account with all cases as customers, and some whose customers tell more."""
    records = catalogue()
    for name, (write, _) in CASES.items():
        write(Customer(records, name))
    Customer(records, "gone").known("77").month().known("77", observed=SEEN, deleted=True)
    Customer(records, "branch").known("77").month(5_000)
    records.add("stripe.products", id="prod_2", created=SEEN, name="Archive", active=False)
    Customer(records, "other product").month(product_id="prod_2")
    return records
