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


class Deal(FactModel):
    deal_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    contact_id: Text = maybe()
    pipeline: Text = maybe()
    stage: Text = maybe()
    deal_type: Text = maybe()
    created_at: Whole = instant()
    qualified_at: Whole = instant(nullable=True)
    closed_at: Whole = instant(nullable=True)
    open_until_at: Whole = instant(nullable=True)
    won: Flag = maybe()
    amount_minor: Whole = maybe()
    one_time_minor: Whole
    term_months: Whole = maybe()
    annual_minor: Whole = maybe()
    source_first_touch: Text = maybe()
    duplicate: Flag

    @pa.dataframe_check
    @classmethod
    def closed_is_won_or_lost(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("won").is_null() == pl.col("open_until_at").is_null())


class Meeting(FactModel):
    meeting_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    contact_id: Text = maybe()
    kind: Text = maybe()
    created_at: Whole = instant()
    starts_at: Whole = instant()
    outcome: Text
    held: Flag
    reasons_recorded: Flag
    usp_mentioned: Flag
    campaign: Text = maybe()

    @pa.dataframe_check
    @classmethod
    def a_mention_is_a_record(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~pl.col("usp_mentioned") | pl.col("reasons_recorded"))


class DealOutlook(FactModel):
    deal_id: Text = pa.Field(unique=True)
    owner_id: Text = maybe()
    stage_name: Text = maybe()
    stage_place: Whole = maybe()
    probability_e4: Whole = pa.Field(nullable=True, ge=0, le=10_000)
    expected_at: Whole = instant(nullable=True)


class DealStep(FactModel):
    deal_id: Text
    stage_id: Text
    entered_at: Whole = instant()
    probability_e4: Whole = pa.Field(nullable=True, ge=0, le=10_000)

    class Config(FactModel.Config):
        unique = ("deal_id", "entered_at", "stage_id")


class Organisation(FactModel):
    company_id: Text = pa.Field(unique=True)
    name: Text = maybe()
    industry: Text = maybe()
    country: Text = maybe()


class Prospect(FactModel):
    prospect_id: Text = pa.Field(unique=True)
    created_at: Whole = instant()
    marketing_qualified_at: Whole = instant(nullable=True)
    sales_qualified_at: Whole = instant(nullable=True)
    customer_at: Whole = instant(nullable=True)
    source: Text = maybe()


MODELS: dict[str, type[FactModel]] = {
    "deal": Deal,
    "deal_outlook": DealOutlook,
    "deal_step": DealStep,
    "organisation": Organisation,
    "prospect": Prospect,
    "meeting": Meeting,
    "lead": Lead,
    "lead_booking": LeadBooking,
    "booking": Booking,
    "booking_refund": BookingRefund,
}
