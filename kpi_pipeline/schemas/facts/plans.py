"""What must hold of what was planned, promised and reported by hand."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, Signed, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class ScorecardValue(Signed):
    _order = (("period_start_day", "period_end_day"),)

    framework: Text
    kpi: Text
    segment: Text
    period_start_day: Whole
    period_end_day: Whole
    value_e6: Whole = maybe()
    numerator_e6: Whole = maybe()
    denominator_e6: Whole = pa.Field(ge=0, nullable=True)

    class Config(FactModel.Config):
        unique = ("framework", "kpi", "segment", "period_start_day", "period_end_day")


class Milestone(Signed):
    kpi: Text
    item: Text
    item_name: Text
    milestone: Text
    weight_e2: Whole = pa.Field(gt=0)
    baseline_day: Whole
    planned_day: Whole
    actual_day: Whole = maybe()
    status: Text = pa.Field(isin=("planned", "on_track", "needs_attention", "ahead", "done"))

    class Config(FactModel.Config):
        unique = ("kpi", "item", "milestone")


class Project(Signed):
    _order = (("from_day", "to_day"), ("start_day", "end_day"), ("start_day", "baseline_end_day"))

    project_id: Text
    from_day: Whole
    to_day: Whole = maybe()
    name: Text
    product_line: Text = maybe()
    start_day: Whole
    baseline_end_day: Whole
    first_baseline_end_day: Whole
    end_day: Whole
    actual_end_day: Whole = maybe()
    month_over_day: Whole = maybe()
    running: Flag
    budget_minor: Whole = pa.Field(ge=0)
    cost_minor: Whole = pa.Field(ge=0)

    class Config(FactModel.Config):
        unique = ("project_id", "from_day")


class RoadmapItem(Signed):
    _order = (("due_quarter_day", "due_day"), ("due_day", "due_quarter_over_day"))

    item_id: Text = pa.Field(unique=True)
    item_name: Text
    product_group: Text
    value_e2: Whole = pa.Field(ge=0)
    due_day: Whole
    due_quarter_day: Whole
    due_quarter_over_day: Whole
    delivered_day: Whole = maybe()
    moved_out: Flag
    hard_reason: Text = pa.Field(isin=("customer", "compliance"), nullable=True)
    on_time: Flag
    in_quarter: Flag


class RoadmapDelivery(FactModel):
    item_id: Text = pa.Field(unique=True)
    item_name: Text
    product_group: Text
    value_e2: Whole = pa.Field(ge=0)
    due_day: Whole
    delivered_day: Whole = maybe()
    moved_out: Flag
    hard_reason: Text = pa.Field(isin=("customer", "compliance"), nullable=True)
    on_time: Flag
    in_quarter: Flag


class ProductClass(Signed):
    _order = (("from_day", "to_day"),)

    product: Text
    kind: Text = pa.Field(alias="class")
    from_day: Whole
    to_day: Whole = maybe()

    class Config(FactModel.Config):
        unique = ("product", "class", "from_day")


MODELS: dict[str, type[FactModel]] = {
    "scorecard_value": ScorecardValue,
    "milestone": Milestone,
    "project": Project,
    "roadmap_item": RoadmapItem,
    "roadmap_delivery": RoadmapDelivery,
    "product_class": ProductClass,
}
