"""What must hold of trials of leads and of free plans."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class LeadTrial(FactModel):
    _order = (("created_at", "trial_started_at"),)

    lead_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    created_at: Whole = instant()
    subscription_id: Text = maybe()
    trial_started_at: Whole = instant(nullable=True)


class FreeAccount(FactModel):
    _order = (("free_from_at", "upgraded_at"),)

    customer_id: Text = pa.Field(unique=True)
    free_from_at: Whole = instant()
    upgraded_at: Whole = instant(nullable=True)


class FreeMonth(FactModel):
    _order = (("month_starts_at", "paid_from_at"), ("paid_from_at", "paid_until_at"))

    customer_id: Text
    month_starts_at: Whole = instant()
    paid_from_at: Whole = instant(nullable=True)
    paid_until_at: Whole = instant(nullable=True)

    class Config(FactModel.Config):
        unique = ("customer_id", "month_starts_at", "paid_from_at")


MODELS: dict[str, type[FactModel]] = {
    "lead_trial": LeadTrial,
    "free_account": FreeAccount,
    "free_month": FreeMonth,
}
