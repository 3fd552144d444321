"""What one life is billed: renewals, prorations, and the payments that settle them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from kpi_pipeline.sandbox.world.chance import stream, token
from kpi_pipeline.sandbox.world.model import Discount, Invoice, InvoiceItem, InvoiceLine, InvoicePayment, Payment
from kpi_pipeline.sandbox.world.subscribing.cycles import (
    boundary,
    cost,
    discounts_of,
    half_up,
    share,
    tier_parts,
    without_tax,
)
from kpi_pipeline.sandbox.world.subscribing.life import Change, Items, Life

if TYPE_CHECKING:
    from kpi_pipeline.sandbox.world.subscribing.desk import Desk

DAY = timedelta(days=1)
FINALIZED_AFTER = timedelta(hours=1)
GRANTED = timedelta(seconds=3)
FEE_PERCENT, FEE_FIXED = Decimal("1.5"), 25
NO_DECIMALS = ("jpy", "krw", "clp")
Span = tuple[datetime, datetime]


def item_id(desk: Desk, life: Life, place: int) -> str:
    """The id that the item in one place of the list keeps for life."""
    return token("si_", desk.seed, "subscription", life.key, place)


class Invoicing:
    """The invoices of one subscription. A `balance` below zero is credit that lowers the next ones."""

    def __init__(self, desk: Desk, life: Life, customer: str, discount: Discount | None) -> None:
        self.desk, self.life, self.customer, self.discount = desk, life, customer, discount
        self.subscription = token("sub_1", desk.seed, "subscription", life.key)
        self.currency = desk.prices[life.items[0][0]].currency
        self.tax_rate = desk.tax_rates[life.account.tax_rate_id] if life.account.tax_rate_id else None
        self.balance = 0
        self.pending: list[InvoiceItem] = []
        self.made = 0

    def cycle(self, items: Items, used: Items, period: Span, reason: str, how: str = "paid", late_days: int = 0,
              *, free: bool = False) -> None:  # fmt: skip
        """The invoice of a period; `used` are the items whose metered use of the period before it bills."""
        start = period[0]
        lines = self._whole(items, period, free=free)
        lines += [self._metered(place, name, start) for place, (name, quantity) in enumerate(used) if quantity is None]
        finalized = start if reason == "subscription_create" else start + FINALIZED_AFTER
        self._invoice(reason, period, lines, finalized, how, late_days)

    def prorate(self, before: Items, change: Change, period: Span, *, resets: bool) -> None:
        """Credit for the unused rest of what is given up, and the price of the rest of what replaces it.

        When the interval changes, a new period begins and is billed whole instead.
        """
        at = change.at
        gone = [(place, each) for place, each in enumerate(before)
                if resets or place >= len(change.items) or change.items[place] != each]  # fmt: skip
        come = [(place, each) for place, each in enumerate(change.items)
                if place >= len(before) or before[place] != each]  # fmt: skip
        self._prorations(before, gone, period, at, credit=True)
        if not resets:
            self._prorations(change.items, come, period, at, credit=False)
        if resets:
            new = (at, boundary(at, self.desk.prices[change.items[0][0]], 1))
            self._invoice("subscription_update", new, self._whole(change.items, new), at)
        elif change.invoice_now:
            self._invoice("subscription_update", (at, at), [], at)

    def close(self) -> None:
        """Prorations that no invoice has taken up stay pending."""
        self.desk.world.invoice_items.extend(self.pending)

    def _whole(self, items: Items, period: Span, *, free: bool = False) -> list[InvoiceLine]:
        """One line an item, one a tier of graduated prices; free in a trial."""
        held = [(place, self.desk.prices[name], quantity) for place, (name, quantity) in enumerate(items) if quantity]
        costs = [0 if free else cost(price, quantity) for _, price, quantity in held]
        lines = []
        for (place, price, quantity), amount, off in zip(held, costs, self._off(costs, period[0]), strict=True):
            parts = [(quantity, amount)]
            if price.tiers and not free:
                parts = [(units, units * unit) for units, unit in tier_parts(price, quantity)]
            left = off
            for number, (units, part) in enumerate(parts):
                mine = left if number == len(parts) - 1 else half_up(Decimal(off) * part / amount)
                left -= mine
                lines.append(self._line(place, price.id, units, part, mine, period))
        return lines

    def _metered(self, place: int, price_id: str, at: datetime) -> InvoiceLine:
        price = self.desk.prices[price_id]
        used = 100 + int(800 * stream(self.desk.seed, "use", self.life.key, place, at).random())
        return self._line(place, price_id, used, cost(price, used), 0, (at - (boundary(at, price, 1) - at), at))

    def _prorations(
        self,
        items: Items,
        wanted: list[tuple[int, tuple[str, int | None]]],
        period: Span,
        at: datetime,
        *,
        credit: bool,
    ) -> None:
        costs = [0 if quantity is None else cost(self.desk.prices[name], quantity) for name, quantity in items]
        net = [amount - off for amount, off in zip(costs, self._off(costs, at), strict=True)]
        for place, (name, quantity) in wanted:
            if quantity is None:
                continue
            rest = share(net[place], *period, at)
            words = "Unused time on" if credit else "Remaining time on"
            self.pending.append(
                InvoiceItem(
                    id=self._id("ii_1", at, place, "credit" if credit else "debit"),
                    customer_id=self.customer,
                    subscription_id=self.subscription,
                    subscription_item_id=item_id(self.desk, self.life, place),
                    price_id=name,
                    currency=self.currency,
                    amount=-rest if credit else rest,
                    quantity=quantity,
                    description=f"{words} {quantity} × {name} after {at:%d %b %Y}",
                    period_start=at,
                    period_end=period[1],
                    created_at=at,
                    invoice_id=None,
                    invoiced_at=None,
                )
            )

    def _off(self, costs: list[int], at: datetime) -> list[int]:
        held = self.discount
        holds = held is not None and held.start <= at and (held.end is None or at < held.end)
        return discounts_of(self.desk.coupons[held.coupon_id] if held is not None and holds else None, costs)

    def _line(self, place: int, price_id: str, quantity: int, amount: int, off: int, period: Span,
              item: InvoiceItem | None = None) -> InvoiceLine:  # fmt: skip
        price, rate, net = self.desk.prices[price_id], self.tax_rate, amount - off
        inclusive = rate is not None and price.tax_behavior == "inclusive"
        tax = 0
        if rate is not None:
            tax = (
                net - without_tax(net, rate.percentage) if inclusive else half_up(Decimal(net) * rate.percentage / 100)
            )
        self.made += 1
        return InvoiceLine(
            id=self._id("il_1", self.made),
            description=item.description if item else price_id,
            amount=amount,
            quantity=quantity,
            price_id=price_id,
            product_id=price.product_id,
            subscription_item_id=item_id(self.desk, self.life, place) if item is None else item.subscription_item_id,
            period_start=period[0],
            period_end=period[1],
            proration=item is not None,
            discount=off,
            tax=tax,
            tax_rate_id=rate.id if rate else None,
            tax_inclusive=inclusive,
            invoice_item_id=item.id if item else None,
        )

    def _invoice(
        self, reason: str, period: Span, lines: list[InvoiceLine], finalized: datetime, how: str = "paid", days: int = 0
    ) -> None:
        """Add the invoice, with all prorations that wait for one. `how`: paid, late, never, or how a pause collects."""
        at = period[0]
        identifier = self._id("in_1", at, reason)
        self.desk.world.invoice_items += [replace(item, invoice_id=identifier, invoiced_at=at) for item in self.pending]
        for item in self.pending:
            span = (item.period_start, item.period_end)
            lines = [*lines, self._line(0, item.price_id, item.quantity, item.amount, 0, span, item)]
        self.pending = []
        total = sum(line.amount - line.discount + (0 if line.tax_inclusive else line.tax) for line in lines)
        before = self.balance
        due = max(0, total + before)
        paid_at, payment = None, None
        if how in ("paid", "late"):
            self.balance = min(0, total + before)
            paid_at = at + timedelta(days=days) if how == "late" else finalized
            if due:
                if how == "late":
                    self._pay(identifier, due, finalized, refused=True)
                payment = self._pay(identifier, due, paid_at)
                paid_at = paid_at + GRANTED
        if how == "never":
            self._pay(identifier, due, finalized, refused=True)
        draft = how == "keep_as_draft"
        voided = at if how == "void" else None
        uncollectible = at if how == "mark_uncollectible" else None
        closed = at if voided or uncollectible else finalized
        stamps = {at, paid_at, None if draft else closed}
        self.desk.world.invoices.append(
            Invoice(
                id=identifier,
                number=f"{self.desk.prefix}-{self._id('', at, reason)[:8].upper()}",
                customer_id=self.customer,
                subscription_id=self.subscription,
                booking_id=None,
                billing_reason=reason,
                currency=self.currency,
                lines=tuple(lines),
                created_at=at,
                finalized_at=None if draft else closed,
                due_at=None,
                paid_at=paid_at,
                voided_at=voided,
                period_start=period[0],
                period_end=period[1],
                payments=() if payment is None else (payment,),
                modified=tuple(sorted(stamp for stamp in stamps if stamp is not None)),
                uncollectible_at=uncollectible,
                starting_balance=before,
                ending_balance=self.balance,
            )
        )

    def _pay(self, invoice_id: str, amount: int, at: datetime, *, refused: bool = False) -> InvoicePayment:
        body = self._id("", invoice_id, "refused" if refused else "paid")
        home = self.desk.world.currency.lower()
        rate = self.desk.rates[self.currency]
        exponent = 0 if self.currency in NO_DECIMALS else 2
        settled = 0 if refused else half_up(amount * rate * Decimal(10) ** (2 - exponent))
        payment = Payment(
            id=f"pi_3{body}",
            charge_id=f"ch_3{body}",
            balance_transaction_id=f"txn_3{body}",
            customer_id=self.customer,
            amount=amount,
            currency=self.currency,
            created_at=at,
            succeeded_at=None if refused else at + GRANTED,
            failure_code="card_declined" if refused else None,
            invoice_id=invoice_id,
            booking_id=None,
            purpose="subscription",
            settled=settled,
            fee=0 if refused else half_up(Decimal(settled) * FEE_PERCENT / 100) + FEE_FIXED,
            exchange_rate=None if self.currency == home or refused else rate,
            available_on=None if refused else datetime.combine(at.date() + 3 * DAY, time(), UTC),
            payout_id=None,
        )
        self.desk.world.payments.append(payment)
        return InvoicePayment(self._id("inpay_1", invoice_id), payment.id, amount, at + GRANTED)

    def _id(self, prefix: str, *key: object) -> str:
        return token(prefix, self.desk.seed, "subscription", self.life.key, *key)
