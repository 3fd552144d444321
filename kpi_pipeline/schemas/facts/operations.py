"""What must hold of orders, workflow runs, security and code quality."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant
from kpi_pipeline.schemas.polars_only import pandera as pa

SEVERITIES = ("critical", "high", "medium", "low")


class PurchaseOrder(FactModel):
    _order = (("placed_at", "fulfilled_at"), ("placed_at", "cancelled_at"))

    order_id: Text = pa.Field(unique=True)
    placed_at: Whole = instant()
    fulfilled_at: Whole = instant(nullable=True)
    cancelled_at: Whole = instant(nullable=True)


class WorkflowRun(FactModel):
    _order = (("started_at", "finished_at"),)

    run_id: Text = pa.Field(unique=True)
    workflow: Text
    started_at: Whole = instant()
    finished_at: Whole = instant(nullable=True)
    outcome: Text = pa.Field(isin=("success", "failure", "cancelled"), nullable=True)


class SecurityIncident(FactModel):
    _order = (("raised_at", "acknowledged_at"), ("raised_at", "confirmed_at"), ("raised_at", "resolved_at"))

    incident_id: Text = pa.Field(unique=True)
    severity: Text = pa.Field(isin=SEVERITIES)
    raised_at: Whole = instant()
    acknowledged_at: Whole = instant(nullable=True)
    confirmed_at: Whole = instant(nullable=True)
    resolved_at: Whole = instant(nullable=True)
    confirmed: Flag


class Vulnerability(FactModel):
    _order = (("found_at", "fixed_at"),)

    vulnerability_id: Text = pa.Field(unique=True)
    severity: Text = pa.Field(isin=SEVERITIES)
    found_at: Whole = instant()
    fixed_at: Whole = instant(nullable=True)


class QualityScore(FactModel):
    branch: Text
    measured_day: Whole
    score_e2: Whole = pa.Field(ge=0, le=1000)

    class Config(FactModel.Config):
        unique = ("branch", "measured_day")


MODELS: dict[str, type[FactModel]] = {
    "purchase_order": PurchaseOrder,
    "workflow_run": WorkflowRun,
    "security_incident": SecurityIncident,
    "vulnerability": Vulnerability,
    "quality_score": QualityScore,
}
