"""Pandera models of the fact tables: what must hold of every fact, whatever vendor it came from.

They check a materialised fact as a polars frame. Columns, types and nullability are those of facts/spec.py (a test
holds the two together); the rules are what the business knows: keys, sets of words, and what cannot come before what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import polars as pl

from kpi_pipeline.schemas.base import Flag, Number, Text, Whole
from kpi_pipeline.schemas.polars_only import pandera as pa

YEAR_2000_MS = 946_684_800_000


def instant(*, nullable: bool = False) -> Any:
    """Epoch milliseconds; an instant before 2000 is seconds taken for milliseconds."""
    return pa.Field(ge=YEAR_2000_MS, nullable=nullable)


def maybe() -> Any:
    return pa.Field(nullable=True)


class FactModel(pa.DataFrameModel):
    """Base of all fact models: only declared columns; of each pair in `_order` the second is not before the first."""

    _order: ClassVar[tuple[tuple[str, str], ...]] = ()

    class Config:
        strict = True
        coerce = False

    @pa.dataframe_check
    @classmethod
    def in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:
        pairs = [(pl.col(first) <= pl.col(second)).fill_null(True) for first, second in cls._order]
        return data.lazyframe.select(pl.all_horizontal(pl.lit(True), *pairs))


class FxRate(FactModel):
    _order = (("from_day", "to_day"),)

    currency: Text = pa.Field(str_matches=r"^[A-Z]{3}$")
    from_day: Whole
    to_day: Whole = maybe()
    rate_e6: Whole = pa.Field(gt=0)

    class Config(FactModel.Config):
        unique = ("currency", "from_day")


class Lead(FactModel):
    _order = (("created_at", "first_contact_at"), ("first_paid_at", "fully_refunded_at"))

    lead_id: Text = pa.Field(unique=True)
    created_at: Whole = instant()
    qualified_at: Whole = instant(nullable=True)
    first_contact_at: Whole = instant(nullable=True)
    source: Text = maybe()
    owner_id: Text = maybe()
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


class SurveyInvitation(FactModel):
    _order = (("sent_at", "answered_at"),)

    invitation_id: Text = pa.Field(unique=True)
    booking_id: Text
    sent_at: Whole = instant()
    delivered_at: Whole = instant(nullable=True)
    bounced_at: Whole = instant(nullable=True)
    answered_at: Whole = instant(nullable=True)
    is_reminder: Flag


class SurveyAnswer(FactModel):
    _order = (("submitted_at", "superseded_at"),)

    answer_id: Text = pa.Field(unique=True)
    form: Text
    question: Text
    respondent: Text
    event_at: Whole = instant()
    submitted_at: Whole = instant()
    superseded_at: Whole = instant(nullable=True)
    score: Whole


class MonitorInterval(FactModel):
    _order = (("start_at", "end_at"),)

    monitor_id: Text
    monitor: Text
    state: Text = pa.Field(isin=("down", "paused", "maintenance", "unchecked"))
    start_at: Whole = pa.Field(ge=0)
    end_at: Whole = instant(nullable=True)


class IssueCompletion(FactModel):
    _order = (("completed_at", "reopened_at"), ("created_at", "completed_at"))

    issue_id: Text
    identifier: Text
    team: Text
    priority: Whole = pa.Field(ge=0, le=4)
    created_at: Whole = instant()
    completed_at: Whole = instant()
    reopened_at: Whole = instant(nullable=True)

    class Config(FactModel.Config):
        unique = ("issue_id", "completed_at")


class IssueOpenInterval(FactModel):
    _order = (("start_at", "end_at"),)

    issue_id: Text
    identifier: Text
    team: Text
    priority: Whole = pa.Field(ge=0, le=4)
    created_at: Whole = instant()
    start_at: Whole = instant()
    end_at: Whole = instant(nullable=True)

    class Config(FactModel.Config):
        unique = ("issue_id", "start_at")


class MetricSample(FactModel):
    metric: Text
    series: Text
    sampled_at: Whole = instant()
    value: Number

    class Config(FactModel.Config):
        unique = ("metric", "series", "sampled_at")


class HistogramIncrease(FactModel):
    metric: Text
    series: Text
    le: Number
    hour_start_at: Whole = pa.Field(ge=YEAR_2000_MS)
    hour_end_at: Whole = instant()
    increase: Whole = pa.Field(ge=0)

    class Config(FactModel.Config):
        unique = ("metric", "series", "le", "hour_start_at")

    @pa.dataframe_check
    @classmethod
    def hours_are_hours(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("hour_end_at") - pl.col("hour_start_at") == 3_600_000)


class LedgerEntry(FactModel):
    entry_id: Text = pa.Field(unique=True)
    day: Whole
    account: Text
    kind: Text = pa.Field(isin=("balance", "outflow", "inflow"))
    category: Text
    amount_minor: Whole
    one_off: Flag
    restricted: Flag


MODELS: Mapping[str, type[FactModel]] = {
    "fx_rate": FxRate,
    "lead": Lead,
    "booking": Booking,
    "booking_refund": BookingRefund,
    "survey_invitation": SurveyInvitation,
    "survey_answer": SurveyAnswer,
    "monitor_interval": MonitorInterval,
    "issue_completion": IssueCompletion,
    "issue_open_interval": IssueOpenInterval,
    "metric_sample": MetricSample,
    "histogram_increase": HistogramIncrease,
    "ledger_entry": LedgerEntry,
}
