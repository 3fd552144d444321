"""What must hold of issues."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant
from kpi_pipeline.schemas.polars_only import pandera as pa


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


MODELS: dict[str, type[FactModel]] = {
    "issue_completion": IssueCompletion,
    "issue_open_interval": IssueOpenInterval,
}
