"""What must hold of leads and bookings."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class Lead(FactModel):
    _order = (("created_at", "first_contact_at"),)

    lead_id: Text = pa.Field(unique=True)
    created_at: Whole = instant()
    qualified_at: Whole = instant(nullable=True)
    first_contact_at: Whole = instant(nullable=True)
    source: Text = maybe()
    owner_id: Text = maybe()


class LeadBooking(FactModel):
    _order = (("first_paid_at", "fully_refunded_at"),)

    lead_id: Text = pa.Field(unique=True)
    created_at: Whole = instant()
    qualified_at: Whole = instant(nullable=True)
    booking_id: Text = maybe()
    first_paid_at: Whole = instant(nullable=True)
    fully_refunded_at: Whole = instant(nullable=True)


class Booking(FactModel):
    _order = (("first_paid_at", "paid_in_full_at"), ("first_paid_at", "fully_refunded_at"))

    booking_id: Text = pa.Field(unique=True)
    lead_id: Text = maybe()
    lead_qualified: Flag
    deal_id: Text = maybe()
    customer_id: Text
    invoice_id: Text
    event_at: Whole = instant(nullable=True)
    first_paid_at: Whole = instant(nullable=True)
    paid_in_full_at: Whole = instant(nullable=True)
    fully_refunded_at: Whole = instant(nullable=True)
    net_minor: Whole
    gross_minor: Whole
    currency: Text = pa.Field(str_matches=r"^[A-Z]{3}$")

    @pa.dataframe_check
    @classmethod
    def qualified_needs_a_lead(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~pl.col("lead_qualified") | pl.col("lead_id").is_not_null())


class BookingRefund(FactModel):
    refund_id: Text = pa.Field(unique=True)
    booking_id: Text
    lead_qualified: Flag
    refunded_at: Whole = instant()
    net_minor: Whole
    gross_minor: Whole = pa.Field(ge=0)


MODELS: dict[str, type[FactModel]] = {
    "lead": Lead,
    "lead_booking": LeadBooking,
    "booking": Booking,
    "booking_refund": BookingRefund,
}
