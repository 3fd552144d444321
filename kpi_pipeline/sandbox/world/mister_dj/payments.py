"""Payments by card or bank, granted or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import InvoicePayment, Payment, World

FEE_PERCENT = Decimal("1.5")
FEE_FIXED = 25
GBP_TO_EUR = Decimal("1.1421")  # Stripe's own rate, below the ECB's


def percent_of(amount: int, percent: int | Decimal) -> int:
    """Half up to the minor unit, as Stripe rounds tax."""
    return int((Decimal(amount) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def in_euro_cents(amount: int, currency: str) -> int:
    """What Stripe books on the account for `amount` minor units."""
    return amount if currency == "eur" else int((amount * GBP_TO_EUR).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Bill:
    """What a payment is for."""

    customer_id: str
    invoice_id: str
    booking_id: str | None
    currency: str


def pay(
    world: World, scene: Scene, key: tuple[object, ...], bill: Bill, amount: int, at: datetime, purpose: str
) -> InvoicePayment:
    """Add a payment of `amount` minor units, granted three seconds after `at`; what it pays of the invoice."""
    settled = in_euro_cents(amount, bill.currency)
    granted = at + timedelta(seconds=3)
    payment = replace(
        _payment(scene, key, bill, amount, at, purpose),
        succeeded_at=granted,
        settled=settled,
        fee=percent_of(settled, FEE_PERCENT) + FEE_FIXED,
        exchange_rate=GBP_TO_EUR if bill.currency == "gbp" else None,
        available_on=_available(at),
    )
    world.payments.append(payment)
    return InvoicePayment(token("inpay_1", scene.seed, *key), payment.id, amount, granted)


def refuse(
    world: World, scene: Scene, key: tuple[object, ...], bill: Bill, amount: int, at: datetime, purpose: str
) -> None:
    """Add a payment that the bank declined."""
    world.payments.append(replace(_payment(scene, key, bill, amount, at, purpose), failure_code="card_declined"))


def _payment(scene: Scene, key: tuple[object, ...], bill: Bill, amount: int, at: datetime, purpose: str) -> Payment:
    body = token("", scene.seed, *key)  # Stripe, too, gives a payment, its charge and its ledger entry kindred ids
    return Payment(
        id=f"pi_3{body}",
        charge_id=f"ch_3{body}",
        balance_transaction_id=f"txn_3{body}",
        customer_id=bill.customer_id,
        amount=amount,
        currency=bill.currency,
        created_at=at,
        succeeded_at=None,
        failure_code=None,
        invoice_id=bill.invoice_id,
        booking_id=bill.booking_id,
        purpose=purpose,
        settled=0,
        fee=0,
        exchange_rate=None,
        available_on=None,
        payout_id=None,
    )


def _available(at: datetime) -> datetime:
    """Midnight UTC three banking days after the payment."""
    day, left = at.date(), 3
    while left:
        day += DAY
        left -= day.weekday() < 5
    return datetime.combine(day, time(), UTC)
