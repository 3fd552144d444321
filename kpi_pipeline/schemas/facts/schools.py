"""What must hold of schools, pilots and seats."""

from __future__ import annotations

import polars as pl

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa

PHASES = ("pilot", "contract")


class School(FactModel):
    school_id: Text = pa.Field(unique=True)
    name: Text = maybe()
    segment: Text = maybe()
    holiday_region: Text = maybe()
    qualified_at: Whole = instant(nullable=True)
    pilot_started_at: Whole = instant(nullable=True)
    contract_signed_at: Whole = instant(nullable=True)
    contract_signed_day: Whole = maybe()
    contract_annual: Flag
    go_day: Whole = maybe()
    go_at: Whole = instant(nullable=True)
    overdue_at: Whole = instant(nullable=True)
    live_at: Whole = instant(nullable=True)
    first_student_at: Whole = instant(nullable=True)
    onboarding_ms: Whole = maybe()
    implementation_ms: Whole = maybe()


class Demo(FactModel):
    _order = (("starts_at", "pilot_started_at"),)

    meeting_id: Text = pa.Field(unique=True)
    school_id: Text = maybe()
    kind: Text = maybe()
    held: Flag
    starts_at: Whole = instant()
    pilot_started_at: Whole = instant(nullable=True)


class Pilot(FactModel):
    _order = (("started_at", "ended_at"),)

    pilot_id: Text = pa.Field(unique=True)
    school_id: Text
    segment: Text = maybe()
    started_at: Whole = instant()
    planned_end_at: Whole = instant(nullable=True)
    ended_at: Whole = instant(nullable=True)
    signed_at: Whole = instant(nullable=True)
    annual: Flag

    @pa.dataframe_check
    @classmethod
    def annual_is_signed(cls, data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~pl.col("annual") | pl.col("signed_at").is_not_null())


class PilotWeek(FactModel):
    pilot_id: Text
    school_id: Text
    segment: Text = maybe()
    cohort_day: Whole
    week: Whole = pa.Field(ge=1)
    ends_at: Whole = instant()
    active: Flag
    active_at_first: Flag

    class Config(FactModel.Config):
        unique = ("pilot_id", "week")


class SchoolPhase(FactModel):
    _order = (("start_at", "end_at"),)

    deal_id: Text
    school_id: Text
    segment: Text = maybe()
    holiday_region: Text = maybe()
    phase: Text = pa.Field(isin=PHASES)
    start_at: Whole = instant()
    end_at: Whole = instant(nullable=True)

    class Config(FactModel.Config):
        unique = ("deal_id", "phase")


class SchoolHoliday(FactModel):
    deal_id: Text
    school_id: Text
    phase: Text = pa.Field(isin=PHASES)
    start_at: Whole = instant()
    end_at: Whole = instant(nullable=True)
    day: Whole

    class Config(FactModel.Config):
        unique = ("deal_id", "phase", "day")


class Seat(FactModel):
    _order = (("seated_at", "left_at"), ("seated_at", "whole_month_from_at"))

    seat_id: Text = pa.Field(unique=True)
    user_id: Text
    role: Text = maybe()
    school_id: Text
    segment: Text = maybe()
    holiday_region: Text = maybe()
    phase: Text = pa.Field(isin=PHASES)
    seated_at: Whole = instant()
    settled_at: Whole = instant()
    whole_month_from_at: Whole = instant()
    profile_set_at: Whole = instant(nullable=True)
    left_at: Whole = instant(nullable=True)


class SeatUse(FactModel):
    seat_id: Text
    user_id: Text
    role: Text = maybe()
    school_id: Text
    segment: Text = maybe()
    phase: Text = pa.Field(isin=PHASES)
    seated_at: Whole = instant()
    settled_at: Whole = instant()
    whole_month_from_at: Whole = instant()
    left_at: Whole = instant(nullable=True)
    event: Text
    day: Whole
    qualifying: Flag
    times: Whole = pa.Field(gt=0)

    class Config(FactModel.Config):
        unique = ("seat_id", "event", "day")


MODELS: dict[str, type[FactModel]] = {
    "school": School,
    "demo": Demo,
    "pilot": Pilot,
    "pilot_week": PilotWeek,
    "school_phase": SchoolPhase,
    "school_holiday": SchoolHoliday,
    "seat": Seat,
    "seat_use": SeatUse,
}
