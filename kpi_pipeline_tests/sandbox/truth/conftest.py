"""Tiny worlds that one can recount on paper: November 2025 in Amsterdam, winter time (UTC+1) unless a test says so."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.sandbox.truth.periods import BusinessDay, business_days
from kpi_pipeline.sandbox.truth.value import Series, TruthValue
from kpi_pipeline.sandbox.world.model import (
    Deal,
    Engagement,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    Lead,
    Payment,
    Person,
    Product,
    World,
)

SOMEONE = Person("An", "Bos", "an.bos@example.nl", "+31600000000", "Breda", "NL")
LATER = datetime(2026, 6, 1, tzinfo=UTC)
Family = Callable[[World, list[BusinessDay], datetime], Series]


class Tiny:
    """An empty world and short words for its records."""

    def __init__(self) -> None:
        start = datetime(2025, 8, 31, 22, tzinfo=UTC)
        self.world = World("mister_dj", 0, date(2025, 11, 30), "Europe/Amsterdam", "EUR", start, LATER)
        for name in ("service", "tip", "pass_through"):
            self.world.products.append(Product(name, name, True, start, {"category": name}))

    def value(self, family: Family, kpi: str, day: date, now: datetime = LATER) -> TruthValue:
        return family(self.world, business_days(self.world.zone, day, day, now), now)[kpi][day]

    def lead(
        self,
        id_: int,
        created: datetime,
        qualified: datetime | None = None,
        contact: datetime | None = None,
        **more: Any,
    ) -> None:
        lifecycle = (("lead", created),) + ((("salesqualifiedlead", qualified),) if qualified else ())
        self.world.leads.append(Lead(id_, SOMEONE, None, created, "website", 1, lifecycle, (), (created,), **more))
        if contact:
            self.engage(id_, contact)

    def engage(self, lead_id: int, at: datetime, **more: Any) -> None:
        fields: dict[str, Any] = {"kind": "call", "direction": "outbound", "automated": False, "created_at": at, **more}
        number = len(self.world.engagements) + 1
        self.world.engagements.append(
            Engagement(
                id=number, lead_id=lead_id, deal_id=None, at=at, owner_id=1, title="", outcome=None, ends_at=None,
                modified=(), **fields,
            )
        )  # fmt: skip

    def booking(
        self,
        id_: str,
        lead_id: int | None,
        payments: list[tuple[datetime, int]],
        lines: list[tuple[str, int, int, int]],
        currency: str = "eur",
    ) -> None:
        """`lines` are (category, amount, discount, tax) in minor units; the invoice's id is that of the booking."""
        at = payments[0][0] - timedelta(days=1)
        if lead_id is not None:
            self.world.deals.append(
                Deal(
                    id=len(self.world.deals), name=id_, lead_id=lead_id, organisation_id=None, pipeline="default",
                    stages=(), amount=Decimal(0), currency="EUR", amount_home=Decimal(0), created_at=at,
                    expected_close=at, closed_at=at, won=True, owner_id=1, deal_type="newbusiness", booking_id=id_,
                    event_at=None, modified=(at,),
                )
            )  # fmt: skip
        for number, (paid_at, amount) in enumerate(payments):
            self.world.payments.append(
                Payment(
                    f"{id_}-{number}", "", "", "", amount, currency, paid_at, paid_at, None, id_, id_, "", 0, 0, None,
                    None, None,
                )
            )  # fmt: skip
        self.world.invoices.append(
            Invoice(
                id=id_, number=id_, customer_id="", subscription_id=None, booking_id=id_, billing_reason="manual",
                currency=currency,
                lines=tuple(
                    InvoiceLine(f"{id_}-{n}", "", amount, 1, None, category, None, at, at, False, discount, tax)
                    for n, (category, amount, discount, tax) in enumerate(lines)
                ),
                created_at=at, finalized_at=at, due_at=None, paid_at=None, voided_at=None, period_start=at,
                period_end=at,
                payments=tuple(
                    InvoicePayment(f"{id_}-{n}", f"{id_}-{n}", amount, paid_at)
                    for n, (paid_at, amount) in enumerate(payments)
                ),
                modified=(at,),
            )
        )  # fmt: skip


@pytest.fixture
def tiny() -> Tiny:
    return Tiny()
