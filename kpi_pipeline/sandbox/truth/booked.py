"""Each booking's money: contracted net value, payments, and what was given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import KnownLead, passed
from kpi_pipeline.sandbox.truth.periods import local_date
from kpi_pipeline.sandbox.truth.value import half_up
from kpi_pipeline.sandbox.world.model import Invoice, World

NOT_REVENUE = ("tip", "pass_through")
RATE_MAX_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund, or a credit note without one. `gross` in the invoice's currency, `net` in the company's."""

    id: str
    at: datetime
    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class PaidBooking:
    booking_id: str
    lead: KnownLead | None
    first_paid_at: datetime
    paid_in_full_at: datetime | None
    fully_refunded_at: datetime | None
    net: int
    given_back: tuple[GivenBack, ...]

    @property
    def lead_was_qualified(self) -> bool:
        return self.lead is not None and self.lead.qualified_at is not None

    def stands(self, as_of: datetime) -> bool:
        """Not fully refunded before `as_of`."""
        return self.fully_refunded_at is None or self.fully_refunded_at >= as_of


def paid_bookings(world: World, known: dict[int, KnownLead], now: datetime) -> list[PaidBooking]:
    """Bookings with at least one payment at `now`."""
    lead_of: dict[str, KnownLead] = {}
    for deal in world.deals:
        shown = deal.created_at <= now and not passed(deal.archived_at, now)
        if shown and deal.booking_id is not None and deal.lead_id in known:
            lead_of[deal.booking_id] = known[deal.lead_id]
    excluded = {product.id for product in world.products if product.metadata.get("category") in NOT_REVENUE}
    returns = _returns_by_invoice(world, now)
    found = []
    for invoice in world.invoices:
        if invoice.booking_id is None or invoice.created_at > now:
            continue
        payments = sorted((payment.at, payment.amount) for payment in invoice.payments if payment.at <= now)
        if payments:
            lead = lead_of.get(invoice.booking_id)
            found.append(_booking(world, invoice, lead, payments, excluded, returns.get(invoice.id, []), now))
    return found


def _returns_by_invoice(world: World, now: datetime) -> dict[str, list[tuple[datetime, str, int, int | None]]]:
    """Invoice id: (at, id, gross, net or None where it follows from the invoice's share)."""
    invoice_of = {payment.id: payment.invoice_id for payment in world.payments}
    found: dict[str, list[tuple[datetime, str, int, int | None]]] = {}
    for refund in world.refunds:
        invoice_id = invoice_of[refund.payment_id]
        if refund.created_at <= now and invoice_id is not None:
            found.setdefault(invoice_id, []).append((refund.created_at, refund.id, refund.amount, None))
    for note in world.credit_notes:
        if note.created_at <= now and note.refund_id is None and not passed(note.voided_at, now):
            net = note.amount - note.tax
            found.setdefault(note.invoice_id, []).append((note.created_at, note.id, note.amount, net))
    return found


def _booking(
    world: World,
    invoice: Invoice,
    lead: KnownLead | None,
    payments: list[tuple[datetime, int]],
    excluded: set[str],
    returns: list[tuple[datetime, str, int, int | None]],
    now: datetime,
) -> PaidBooking:
    gross = sum(line.amount - line.discount + line.tax for line in invoice.lines)
    own_net = sum(line.amount - line.discount for line in invoice.lines if line.product_id not in excluded)
    first_paid_at = payments[0][0]
    rate = _rate(world, invoice.currency, local_date(world.zone, first_paid_at), now)
    net = half_up(Fraction(own_net) / rate)

    given_back: list[GivenBack] = []
    fully_refunded_at = None
    for at, id_, amount, note_net in sorted(returns, key=lambda entry: entry[:2]):
        paid_so_far = sum(paid for paid_at, paid in payments if paid_at <= at)
        returned_so_far = sum(earlier.gross for earlier in given_back) + amount
        own = half_up(Fraction(amount * own_net, gross)) if note_net is None else note_net
        back = half_up(Fraction(own) / rate)
        if returned_so_far >= paid_so_far:
            fully_refunded_at = at
            back = net - sum(earlier.net for earlier in given_back)
        given_back.append(GivenBack(id_, at, amount, back))
        if fully_refunded_at is not None:
            break

    paid = 0
    paid_in_full_at = None
    for at, amount in payments:
        paid += amount
        if paid >= gross and paid_in_full_at is None:
            paid_in_full_at = at
    return PaidBooking(
        str(invoice.booking_id), lead, first_paid_at, paid_in_full_at, fully_refunded_at, net, tuple(given_back)
    )


def _rate(world: World, currency: str, day: date, now: datetime) -> Fraction:
    """Units of `currency` for one unit of the company's on `day`, or on the latest earlier day with a rate."""
    if currency.upper() == world.currency:
        return Fraction(1)
    latest: tuple[date, Decimal] | None = None
    for rate in world.fx_rates:
        if rate.currency != currency.upper() or (rate.published_at is not None and rate.published_at > now):
            continue
        if day - RATE_MAX_AGE <= rate.day <= day and (latest is None or rate.day > latest[0]):
            latest = (rate.day, rate.rate)
    if latest is None:
        raise ValueError(f"no {currency.upper()} rate on {day} or in the {RATE_MAX_AGE.days} days before it")
    return Fraction(latest[1])
