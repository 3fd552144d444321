"""Money that goes back: refunds, credit notes, disputes."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.offer import VAT_PERCENT, Contract
from kpi_pipeline.sandbox.world.mister_dj.payments import in_euro_cents, percent_of
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, whole_seconds
from kpi_pipeline.sandbox.world.model import CreditNote, Dispute, InvoiceLine, InvoicePayment, Refund, World

PARTLY_REFUNDED = 0.03
CREDITED = 0.012
CREDIT_VOIDED = 0.004
DISPUTED = 0.006


def give_back(
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
    after = max(payments[-1].at, event) + whole_seconds(r, DAY, 12 * DAY)
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
    refund = Refund(
        id=token("re_3", scene.seed, payment.payment_id, why),
        balance_transaction_id=token("txn_3", scene.seed, payment.payment_id, why),
        payment_id=payment.payment_id,
        amount=amount,
        currency=contract.currency,
        created_at=at,
        reason="requested_by_customer",
        settled=in_euro_cents(amount, contract.currency),
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
