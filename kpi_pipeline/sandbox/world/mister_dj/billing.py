"""Bookings as money: customer, invoice, payments, refunds, credit notes and disputes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.offer import PRODUCTS, UNTAXED, VAT_PERCENT, Contract, price_id, product_id
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, between
from kpi_pipeline.sandbox.world.model import (
    BillingCustomer,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    Payment,
    Refund,
    World,
)

HOUR = timedelta(hours=1)
FEE_PERCENT = Decimal("1.5")
FEE_FIXED = 25
GBP_TO_EUR = Decimal("1.1421")  # Stripe's own rate, below the ECB's
PRICED = ("dj_set", "extra_hour", "photo_booth")

PAYS_DEPOSIT = 0.62
PAYMENT_FAILS = 0.05
CANCELS = 0.035
PARTLY_REFUNDED = 0.03
CREDITED = 0.012
CREDIT_VOIDED = 0.004
DISPUTED = 0.006


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a contract: whether the event took place is all that surveys need."""

    contract: Contract
    customer_id: str
    cancelled_at: datetime | None


def fill(world: World, scene: Scene, contracts: list[Contract]) -> list[Outcome]:
    """Add customer, invoice and all money of every contract."""
    return [_book(world, scene, contract) for contract in contracts]


def percent_of(amount: int, percent: int | Decimal) -> int:
    """Half up to the minor unit, as Stripe rounds tax."""
    return int((Decimal(amount) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


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
    rate = GBP_TO_EUR if bill.currency == "gbp" else None
    settled = amount if rate is None else int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))
    granted = at + timedelta(seconds=3)
    payment = replace(
        _payment(scene, key, bill, amount, at, purpose),
        succeeded_at=granted,
        settled=settled,
        fee=percent_of(settled, FEE_PERCENT) + FEE_FIXED,
        exchange_rate=rate,
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


def _book(world: World, scene: Scene, contract: Contract) -> Outcome:
    r = scene.stream(*contract.key)
    seed, key, signed = scene.seed, contract.key, contract.signed_at
    customer = _customer(scene, contract, r)
    lines = _lines(scene, contract)
    total = sum(line.amount - line.discount + line.tax for line in lines)
    invoice_id = token("in_1", seed, *key)
    created = signed + timedelta(seconds=int(60 + r.random() * 1800))
    event = scene.days.at(contract.event_day, 20 * 3600)

    payments: list[InvoicePayment] = []

    bill = Bill(customer.id, invoice_id, contract.booking_id, contract.currency)

    def settle(name: str, amount: int, at: datetime) -> None:
        if r.random() < PAYMENT_FAILS:
            refuse(world, scene, (*key, name, "refused"), bill, amount, at, name)
            at += whole_second_span(r, HOUR / 4, 30 * HOUR)
        payments.append(pay(world, scene, (*key, name), bill, amount, at, name))

    first_at = created + whole_second_span(r, HOUR / 12, 40 * HOUR)
    in_parts = r.random() < PAYS_DEPOSIT
    deposit = percent_of(total, 30)
    settle("deposit" if in_parts else "full", deposit if in_parts else total, first_at)
    cancels = r.random() < CANCELS
    paid_first = payments[0].at
    cancelled = paid_first + whole_second_span(r, DAY, max(2 * DAY, event - paid_first - 3 * DAY)) if cancels else None
    if in_parts and cancelled is None:
        settle("balance", total - deposit, max(paid_first + DAY, event + whole_second_span(r, -9 * DAY, 4 * DAY)))

    _give_back(world, scene, contract, r, invoice_id, customer.id, lines, payments, cancelled, event)
    paid = sum(payment.amount for payment in payments)
    stamps = {signed, created, *(payment.at for payment in payments)}
    world.customers.append(customer)
    world.invoices.append(
        Invoice(
            id=invoice_id,
            number=f"MDJ-{contract.booking_id[2:]}",
            customer_id=customer.id,
            subscription_id=None,
            booking_id=contract.booking_id,
            billing_reason="manual",
            currency=contract.currency,
            lines=lines,
            created_at=created,
            finalized_at=created,
            due_at=created + 14 * DAY,
            paid_at=payments[-1].at if paid == total else None,
            voided_at=None,
            period_start=created,
            period_end=created,
            payments=tuple(payments),
            modified=tuple(sorted(stamps - {signed})),
        )
    )
    return Outcome(contract, customer.id, cancelled)


def whole_second_span(r: Random, low: timedelta, high: timedelta) -> timedelta:
    return timedelta(seconds=int(between(r, low, high).total_seconds()))


def _customer(scene: Scene, contract: Contract, r: Random) -> BillingCustomer:
    deleted = contract.signed_at + 200 * DAY if r.random() < 0.004 else None
    renamed = contract.signed_at + 30 * DAY if r.random() < 0.05 else None
    return BillingCustomer(
        id=token("cus_", scene.seed, *contract.key),
        name=f"{contract.person.first_name} {contract.person.last_name}",
        email=contract.person.email,
        country=contract.person.country,
        currency=contract.currency,
        created_at=contract.signed_at,
        lead_id=contract.lead_id,
        organisation_id=contract.organisation_id,
        modified=(contract.signed_at, *(at for at in (renamed, deleted) if at is not None)),
        deleted_at=deleted,
    )


def _lines(scene: Scene, contract: Contract) -> tuple[InvoiceLine, ...]:
    at, body = contract.signed_at, token("il_1", scene.seed, *contract.key)
    return tuple(
        InvoiceLine(
            id=f"{body}{number}",
            description=PRODUCTS[item.product][0],
            amount=item.amount,
            quantity=item.quantity,
            price_id=price_id(scene.seed, item.product)
            if item.product in PRICED and contract.currency == "eur"
            else None,
            product_id=product_id(scene.seed, item.product),
            subscription_item_id=None,
            period_start=at,
            period_end=at,
            discount=item.discount,
            tax=0 if item.product in UNTAXED else percent_of(item.amount - item.discount, VAT_PERCENT),
        )
        for number, item in enumerate(contract.items)
    )


def _give_back(
    world: World,
    scene: Scene,
    contract: Contract,
    r: Random,
    invoice_id: str,
    customer_id: str,
    lines: tuple[InvoiceLine, ...],
    payments: list[InvoicePayment],
    cancelled: datetime | None,
    event: datetime,
) -> None:
    """A cancelled booking gets all its payments back; others sometimes a part, or credit on account, or a dispute."""
    if cancelled is not None:
        for number, payment in enumerate(payments):
            _refund(
                world, scene, contract, payment, payment.amount, cancelled + timedelta(seconds=40 * number), "cancel"
            )
        return
    main = max(lines, key=lambda line: line.amount)
    net = percent_of(main.amount - main.discount, 5 + int(r.random() * 10))
    gross = net + percent_of(net, VAT_PERCENT)
    after = max(payments[-1].at, event) + whole_second_span(r, DAY, 12 * DAY)
    draw = r.random()
    if draw < PARTLY_REFUNDED:
        refund = _refund(world, scene, contract, payments[-1], gross, after, "goodwill")
        if draw < PARTLY_REFUNDED / 2:
            _credit(world, scene, contract, invoice_id, customer_id, gross, net, after, refund_id=refund.id)
    elif draw < PARTLY_REFUNDED + CREDITED:
        _credit(world, scene, contract, invoice_id, customer_id, gross, net, after)
    elif draw < PARTLY_REFUNDED + CREDITED + CREDIT_VOIDED:
        _credit(world, scene, contract, invoice_id, customer_id, gross, net, after, voided_at=after + 2 * DAY)
    elif draw > 1 - DISPUTED:
        world.disputes.append(
            Dispute(
                id=token("du_1", scene.seed, *contract.key),
                payment_id=payments[-1].payment_id,
                amount=payments[-1].amount,
                currency=contract.currency,
                created_at=after,
                status=r.choice(("won", "lost", "under_review")),
                reason="product_not_received",
            )
        )


def _refund(
    world: World, scene: Scene, contract: Contract, payment: InvoicePayment, amount: int, at: datetime, why: str
) -> Refund:
    settled = amount
    if contract.currency == "gbp":
        settled = int((amount * GBP_TO_EUR).quantize(Decimal(1), ROUND_HALF_UP))
    refund = Refund(
        id=token("re_3", scene.seed, payment.payment_id, why),
        balance_transaction_id=token("txn_3", scene.seed, payment.payment_id, why),
        payment_id=payment.payment_id,
        amount=amount,
        currency=contract.currency,
        created_at=at,
        reason="requested_by_customer",
        settled=settled,
    )
    world.refunds.append(refund)
    return refund


def _credit(
    world: World,
    scene: Scene,
    contract: Contract,
    invoice_id: str,
    customer_id: str,
    gross: int,
    net: int,
    at: datetime,
    *,
    refund_id: str | None = None,
    voided_at: datetime | None = None,
) -> None:
    world.credit_notes.append(
        CreditNote(
            id=token("cn_1", scene.seed, *contract.key),
            number=f"MDJ-{contract.booking_id[2:]}-CN-01",
            invoice_id=invoice_id,
            customer_id=customer_id,
            currency=contract.currency,
            amount=gross,
            tax=gross - net,
            reason="order_change",
            created_at=at,
            refund_id=refund_id,
            voided_at=voided_at,
        )
    )
