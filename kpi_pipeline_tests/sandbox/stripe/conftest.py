"""A hand-made account: one subscription that changes plan, is paused and ends, and the money around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Limit, Sandbox
from kpi_pipeline.sandbox.world.model import (
    BillingCustomer,
    Coupon,
    CreditNote,
    Discount,
    Dispute,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    Payment,
    Payout,
    Price,
    Product,
    Refund,
    Subscription,
    SubscriptionItem,
    World,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VERSION = "2026-10-28.endive"
LINES = 12
UNLIMITED = Limit(1_000_000, 1.0)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def account(company: str, seed: int, anchor: date) -> World:
    world = World(company, seed, anchor, "Europe/Amsterdam", "EUR", at(1, 1), NOW + timedelta(days=45))
    for number in range(7):  # all in the same second: a page border runs through the tie
        made = (at(2, 1),)
        world.customers.append(
            BillingCustomer(f"cus_{number}", f"N{number}", f"c{number}@x.nl", "NL", "eur", made[0], 5, None, made)
        )
    gone = (at(3, 1), at(4, 1), at(5, 1))
    world.customers.append(
        BillingCustomer("cus_gone", "Gone", "gone@x.nl", "NL", "eur", gone[0], None, None, gone, deleted_at=gone[2])
    )
    late = (NOW + timedelta(milliseconds=500),)  # within the second that is now
    world.customers.append(BillingCustomer("cus_soon", "T", "t@x.nl", "NL", "eur", late[0], None, None, late))
    world.products += [Product("prod_dj", "DJ", True, at(1, 1), {"category": "service"})]
    world.prices += [
        Price("price_month", "prod_dj", "eur", "2000", "recurring", "month", 1, at(1, 1)),
        Price("price_year", "prod_dj", "eur", "20000", "recurring", "year", 1, at(1, 1), active=False),
        Price("price_tiers", "prod_dj", "eur", None, "recurring", "month", 1, at(1, 2), billing_scheme="tiered",
              tiers=((10, 500), (None, 400))),
        Price("price_cents", "prod_dj", "eur", "12.5", "one_time", None, None, at(1, 3)),
    ]  # fmt: skip
    world.coupons.append(Coupon("LENTE", at(1, 1), Decimal("25.5"), None, None, "repeating", 3))
    world.subscriptions += [
        Subscription(
            id="sub_1",
            customer_id="cus_gone",
            currency="eur",
            created_at=at(3, 1),
            start_date=at(3, 1),
            statuses=(("trialing", at(3, 1)), ("active", at(3, 15)), ("past_due", at(8, 20)), ("canceled", at(9, 1))),
            items=(
                SubscriptionItem("si_1", "price_month", 2, at(3, 1), at(7, 1)),
                SubscriptionItem("si_1", "price_month", 5, at(7, 1), at(9, 1)),
            ),
            modified=(at(3, 1), at(3, 15), at(7, 1), at(8, 10), at(8, 20), at(9, 1)),
            trial_start=at(3, 1),
            trial_end=at(3, 15),
            cancel_requested_at=at(8, 10),
            cancel_at_period_end=True,
            ended_at=at(9, 1),
            cancel_reason="too_expensive",
            discounts=(
                Discount("di_1", "LENTE", at(4, 1), at(7, 1)),
                Discount("di_2", "LENTE", at(5, 1), None, "si_1"),
            ),
            pauses=(("void", at(5, 10), at(5, 20)),),
        ),
        Subscription(
            "sub_2", "cus_0", "eur", at(1, 31), at(1, 31), (("active", at(1, 31)),),
            (SubscriptionItem("si_2", "price_month", 1, at(1, 31), None),), (at(1, 31), at(11, 5)),
        ),
    ]  # fmt: skip
    lines = tuple(
        InvoiceLine(
            f"il_{i:02d}", f"line {i}", 1000, 1, None if i == 2 else "price_month", "prod_dj", None if i else "si_1",
            at(4, 1), at(5, 1), discount=100, tax=189,
        )
        for i in range(LINES)
    )  # fmt: skip
    total = LINES * (1000 - 100 + 189)
    world.invoices += [
        Invoice(
            "in_1", "A-1", "cus_gone", "sub_1", "B-7", "subscription_cycle", "eur", lines, at(4, 1), at(4, 1, 1), None,
            at(4, 2), None, at(3, 1), at(4, 1), (InvoicePayment("inpay_1", "pi_1", total, at(4, 2)),),
            (at(4, 1), at(4, 1, 1), at(4, 2)),
        ),
        Invoice(
            "in_draft", "A-2", "cus_0", "sub_2", None, "subscription_cycle", "eur", lines[:1], at(11, 20, 11),
            at(11, 20, 13), None, None, None, at(10, 20), at(11, 20), (), (at(11, 20, 11), at(11, 20, 13)),
        ),
        Invoice(
            "in_thrown", "", "cus_0", "sub_2", None, "manual", "eur", lines[:1], at(11, 1), None, None, None, None,
            at(10, 1), at(11, 1), (), (at(11, 1),), deleted_at=at(11, 2),
        ),
    ]  # fmt: skip
    world.payments += [
        Payment(
            "pi_1", "ch_1", "txn_1", "cus_gone", total, "eur", at(4, 2), at(4, 2), None, "in_1", "B-7", "full", total,
            95, None, at(4, 9), "po_1",
        ),
        Payment(
            "pi_2", "ch_2", "txn_2", "cus_0", 500, "gbp", at(11, 19), at(11, 19), None, None, None, "tip", 590, 30,
            Decimal("1.18"), at(11, 26), None,
        ),
        Payment(
            "pi_3", "ch_3", "txn_3", "cus_0", 700, "eur", at(11, 19, 1), None, "card_declined", None, None, "tip", 0, 0,
            None, None, None,
        ),
    ]  # fmt: skip
    world.refunds.append(Refund("re_1", "txn_4", "pi_1", 1089, "eur", at(5, 1), "requested_by_customer", 1089))
    world.credit_notes.append(
        CreditNote("cn_1", "A-1-CN-01", "in_1", "cus_gone", "eur", 1089, 189, "order_change", at(5, 1), "re_1")
    )
    world.disputes.append(Dispute("dp_1", "pi_1", total, "eur", at(6, 1), "needs_response", "fraudulent"))
    world.payouts.append(Payout("po_1", "txn_5", total - 95, "eur", at(4, 10), at(4, 12)))
    return world


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    limits = {"stripe": {"account": UNLIMITED, "endpoint": UNLIMITED}}
    with Sandbox(vendor_names=("stripe",), build=account, now=lambda: NOW, limits=limits) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    served.set_now(None)
    yield served
    served.set_now(None)


@pytest.fixture
def ask(sandbox: Sandbox) -> Callable[..., requests.Response]:
    """GET a path below /v1 with the account's key and the pinned version; a list value becomes `name[]`."""
    environment = sandbox.environment("mister_dj")

    def get(path: str, params: Any = (), version: str | None = VERSION, key: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {key or environment['MISTER_DJ_STRIPE_API_KEY']}"}
        if version is not None:
            headers["Stripe-Version"] = version
        base = environment["MISTER_DJ_STRIPE_BASE_URL"]
        return requests.get(f"{base}/v1/{path}", params=params, headers=headers, timeout=10)

    return get
