"""Stripe stands the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kpi_pipeline.sandbox.world.model import BillingCustomer, Payment, World
from kpi_pipeline_tests.connectors.wire import utc, world
from kpi_pipeline_tests.contract.suite import CANARY, MANY, ConnectorContract

START = utc("2026-09-01 00:00")


def payment(number: int) -> Payment:
    # seven payments share each second, so that ties lie over every page's edge
    at = START + timedelta(minutes=400 * (number // 7))
    return Payment(
        id=f"pi_{number:05}",
        charge_id=f"ch_{number:05}",
        balance_transaction_id=f"txn_{number:05}",
        customer_id="cus_1",
        amount=10_000 + number,
        currency="eur",
        created_at=at,
        succeeded_at=at,
        failure_code=None,
        invoice_id=None,
        booking_id=None,
        purpose="full",
        settled=10_000 + number,
        fee=250,
        exchange_rate=None,
        available_on=at + timedelta(days=2),
        payout_id=None,
    )


class TestStripe(ConnectorContract):
    vendor = "stripe"
    stream = "charges"
    expected = 650
    path = "/v1/charges"
    start = START
    end = START + timedelta(days=27)
    limits: ClassVar = {"account": MANY, "endpoint": MANY}
    settings: ClassVar = {"requests_per_second": 10**6, "concurrency": 3}
    lacks: ClassVar = {
        "daily_limit": "has no limit by the day",
        "foreign_next": "pages by ids, there is no link to follow",
        "wrong_count": "sends no count",
    }

    def world(self) -> World:
        created = utc("2026-08-01 00:00")
        customer = BillingCustomer("cus_1", "Canary", CANARY, "NL", "eur", created, None, None, (created,))
        return world(customers=[customer], payments=[payment(number) for number in range(650)])
