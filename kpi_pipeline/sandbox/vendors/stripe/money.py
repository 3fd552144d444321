"""Payment intents, charges, refunds, disputes, payouts and the ledger of balance transactions at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.sandbox.vendors.stripe.books import Books, epoch
from kpi_pipeline.sandbox.world.model import Dispute, Payment, Payout, Refund

FAILURES = {"card_declined": "Your card was declined.", "expired_card": "Your card has expired."}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the account's ledger; amount and fee are minor units of the account's currency."""

    id: str
    type: str
    source: str
    amount: int
    fee: int
    created_at: datetime
    available_on: datetime
    exchange_rate: Decimal | None = None
    payout_id: str | None = None


def charged_at(row: Payment) -> datetime | None:
    """When the charge came to be: with success, or at once when it was refused; None while still being processed."""
    return row.succeeded_at if row.failure_code is None else row.created_at


def entries(books: Books) -> list[Entry]:
    """Charges, refunds and payouts of the account as ledger lines, in order of time."""
    lines = [
        Entry(
            row.balance_transaction_id,
            "charge",
            row.charge_id,
            row.settled,
            row.fee,
            row.succeeded_at,
            row.available_on or row.succeeded_at,
            row.exchange_rate,
            row.payout_id,
        )
        for row in books.world.payments
        if row.succeeded_at is not None
    ]
    lines += [
        Entry(row.balance_transaction_id, "refund", row.id, -row.settled, 0, row.created_at, row.created_at)
        for row in books.world.refunds
    ]
    lines += [
        Entry(row.balance_transaction_id, "payout", row.id, -row.amount, 0, row.created_at, row.created_at)
        for row in books.world.payouts
    ]
    return sorted(lines, key=lambda line: line.created_at)


def payment_intent(books: Books, row: Payment, now: datetime) -> dict[str, Any]:
    charged = charged_at(row)
    done = charged is not None and charged <= now
    failed = row.failure_code is not None
    return {
        "id": row.id,
        "object": "payment_intent",
        "amount": row.amount,
        "amount_capturable": 0,
        "amount_received": row.amount if done and not failed else 0,
        "application": None,
        "application_fee_amount": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "customer_account": None,
        "description": None,
        "last_payment_error": {"code": row.failure_code, "type": "card_error"} if failed else None,
        "latest_charge": row.charge_id if done else None,
        "livemode": books.livemode(row.customer_id),
        "metadata": _metadata(row),
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": None,
        "status": "requires_payment_method" if failed else "succeeded" if done else "processing",
        "transfer_group": None,
    }


def charge(books: Books, row: Payment, now: datetime) -> dict[str, Any]:
    """Since basil a charge no longer names its invoice: that goes through invoice payments."""
    failed = row.failure_code is not None
    refunded = sum(each.amount for each in books.refunds_of.get(row.id, ()) if each.created_at <= now)
    created = charged_at(row)
    assert created is not None, row.id  # noqa: S101 - only charges that exist are listed
    return {
        "id": row.charge_id,
        "object": "charge",
        "amount": row.amount,
        "amount_captured": 0 if failed else row.amount,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None if failed else row.balance_transaction_id,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": not failed,
        "created": epoch(created),
        "currency": row.currency.lower(),
        "customer": row.customer_id,
        "description": None,
        "disputed": any(each.created_at <= now for each in books.disputes_of.get(row.id, ())),
        "failure_balance_transaction": None,
        "failure_code": row.failure_code,
        "failure_message": FAILURES.get(row.failure_code, "The payment failed.") if row.failure_code else None,
        "fraud_details": {},
        "livemode": books.livemode(row.customer_id),
        "metadata": _metadata(row),
        "on_behalf_of": None,
        "outcome": {"type": "issuer_declined" if failed else "authorized"},
        "paid": not failed,
        "payment_intent": row.id,
        "payment_method": None,
        "payment_method_details": {"type": "card"},
        "receipt_email": None,
        "refunded": refunded == row.amount,
        "review": None,
        "statement_descriptor": None,
        "status": "failed" if failed else "succeeded",
        "transfer_group": None,
    }


def refund(books: Books, row: Refund, _: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "refund",
        "amount": row.amount,
        "balance_transaction": row.balance_transaction_id,
        "charge": books.payments[row.payment_id].charge_id,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "customer": books.payments[row.payment_id].customer_id,
        "customer_account": None,
        "metadata": {},
        "payment_intent": row.payment_id,
        "payment_method": None,
        "reason": row.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(books: Books, row: Dispute, _: datetime) -> dict[str, Any]:
    paid = books.payments[row.payment_id]
    return {
        "id": row.id,
        "object": "dispute",
        "amount": row.amount,
        "balance_transactions": [],
        "charge": paid.charge_id,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": books.livemode(paid.customer_id),
        "metadata": {},
        "payment_intent": row.payment_id,
        "reason": row.reason,
        "status": row.status,
    }


def payout(_books: Books, row: Payout, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "payout",
        "amount": row.amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": epoch(row.arrival_at),
        "automatic": True,
        "balance_transaction": row.balance_transaction_id,
        "created": epoch(row.created_at),
        "currency": row.currency.lower(),
        "description": "STRIPE PAYOUT",
        "destination": "ba_main",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": True,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed" if row.arrival_at <= now else "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid" if row.arrival_at <= now else "in_transit",
        "type": "bank_account",
    }


def balance_transaction(books: Books, row: Entry, now: datetime) -> dict[str, Any]:
    """`net = amount - fee`; pending until the day it becomes available."""
    fee = {"amount": row.fee, "application": None, "currency": books.currency, "type": "stripe_fee"}
    return {
        "id": row.id,
        "object": "balance_transaction",
        "amount": row.amount,
        "available_on": epoch(row.available_on),
        "balance_type": "payments",
        "created": epoch(row.created_at),
        "currency": books.currency,
        "description": None,
        "exchange_rate": None if row.exchange_rate is None else float(row.exchange_rate),
        "fee": row.fee,
        "fee_details": [fee] if row.fee else [],
        "net": row.amount - row.fee,
        "reporting_category": row.type,
        "source": row.source,
        "status": "available" if row.available_on <= now else "pending",
        "type": row.type,
    }


def balance(books: Books, ledger: list[Entry], now: datetime) -> dict[str, Any]:
    """What may be paid out, and what is still on its way, in the account's currency."""
    known = [line for line in ledger if line.created_at <= now]
    available = sum(line.amount - line.fee for line in known if line.available_on <= now)
    pending = sum(line.amount - line.fee for line in known if line.available_on > now)

    def amounts(minor: int) -> list[dict[str, Any]]:
        return [{"amount": minor, "currency": books.currency, "source_types": {"card": minor}}]

    return {
        "object": "balance",
        "available": amounts(available),
        "connect_reserved": [{"amount": 0, "currency": books.currency}],
        "livemode": True,
        "pending": amounts(pending),
    }


def _metadata(row: Payment) -> dict[str, str]:
    booking = {} if row.booking_id is None else {"booking_id": row.booking_id}
    return {**booking, "purpose": row.purpose}
