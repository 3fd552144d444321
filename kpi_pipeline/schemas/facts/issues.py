"""What must hold of issues."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
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
    high_since_at: Whole = instant(nullable=True)

    class Config(FactModel.Config):
        unique = ("issue_id", "start_at")


class Issue(FactModel):
    _order = (("created_at", "completed_at"), ("cycle_starts_at", "cycle_ends_at"))

    issue_id: Text = pa.Field(unique=True)
    identifier: Text
    team: Text
    priority: Whole = pa.Field(ge=0, le=4)
    labels: Text = maybe()
    kind: Text = maybe()
    estimate: Whole = maybe()
    cycle_id: Text = maybe()
    cycle_starts_at: Whole = instant(nullable=True)
    cycle_ends_at: Whole = instant(nullable=True)
    completed_in_cycle: Flag
    created_at: Whole = instant()
    completed_at: Whole = instant(nullable=True)
    canceled_at: Whole = instant(nullable=True)


class Cycle(FactModel):
    _order = (("starts_at", "ends_at"),)

    cycle_id: Text = pa.Field(unique=True)
    number: Whole = pa.Field(ge=0)
    team: Text
    starts_at: Whole = instant()
    ends_at: Whole = instant()
    completed_at: Whole = instant(nullable=True)


MODELS: dict[str, type[FactModel]] = {
    "issue": Issue,
    "cycle": Cycle,
    "issue_completion": IssueCompletion,
    "issue_open_interval": IssueOpenInterval,
}
