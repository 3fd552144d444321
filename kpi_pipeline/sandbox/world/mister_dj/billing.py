"""Bookings as money: customer, invoice and its payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.offer import PRODUCTS, UNTAXED, VAT_PERCENT, Contract, price_id, product_id
from kpi_pipeline.sandbox.world.mister_dj.payments import Bill, pay, percent_of, refuse
from kpi_pipeline.sandbox.world.mister_dj.returns import give_back
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, whole_seconds
from kpi_pipeline.sandbox.world.model import BillingCustomer, Invoice, InvoiceLine, InvoicePayment, World

HOUR = timedelta(hours=1)
PRICED = ("dj_set", "extra_hour", "photo_booth")

PAYS_DEPOSIT = 0.62
PAYMENT_FAILS = 0.05
CANCELS = 0.035


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a contract: whether the event took place is all that surveys need."""

    contract: Contract
    customer_id: str
    cancelled_at: datetime | None


def fill(world: World, scene: Scene, contracts: list[Contract]) -> list[Outcome]:
    """Add customer, invoice and all money of every contract."""
    return [_book(world, scene, contract) for contract in contracts]


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
            at += whole_seconds(r, HOUR / 4, 30 * HOUR)
        payments.append(pay(world, scene, (*key, name), bill, amount, at, name))

    first_at = created + whole_seconds(r, HOUR / 12, 40 * HOUR)
    in_parts = r.random() < PAYS_DEPOSIT
    deposit = percent_of(total, 30)
    settle("deposit" if in_parts else "full", deposit if in_parts else total, first_at)
    cancels = r.random() < CANCELS
    paid_first = payments[0].at
    cancelled = paid_first + whole_seconds(r, DAY, max(2 * DAY, event - paid_first - 3 * DAY)) if cancels else None
    if in_parts and cancelled is None:
        settle("balance", total - deposit, max(paid_first + DAY, event + whole_seconds(r, -9 * DAY, 4 * DAY)))

    give_back(world, scene, contract, r, invoice_id, customer.id, lines, payments, cancelled, event)
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
