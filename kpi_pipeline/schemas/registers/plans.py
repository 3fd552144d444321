"""What is planned, promised and reported by hand: scorecards, milestones, projects, roadmaps, classes of products."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Instant, StreamModel, Text, Whole, column


class Scorecard(StreamModel):
    """A figure that a person reports for a period [period_start, period_end], both days in it, in millionths."""

    framework: Text = column("framework", key=True)
    kpi_id: Text = column("kpi_id", key=True)
    period_start: Day = column("period_start", key=True)
    period_end: Day = column("period_end", key=True)
    segment: Text = column("segment", key=True)
    value_e6: Whole = column("value_e6", nullable=True)
    numerator_e6: Whole = column("numerator_e6", nullable=True)
    denominator_e6: Whole = column("denominator_e6", nullable=True)
    comment: Text = column("comment", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.scorecard"


class Milestones(StreamModel):
    """One of the things to be done of an item of a KPI; `baseline_date` is the frozen plan, `weight_e2` hundredths."""

    kpi_id: Text = column("kpi_id", key=True)
    item_id: Text = column("item_id", key=True)
    milestone: Text = column("milestone", key=True)
    item_name: Text = column("item_name")
    weight_e2: Whole = column("weight_e2", gt=0)
    baseline_date: Day = column("baseline_date")
    planned_date: Day = column("planned_date")
    actual_date: Day = column("actual_date", nullable=True)
    status: Text = column("status", isin=("planned", "on_track", "needs_attention", "ahead", "done"))
    evidence_url: Text = column("evidence_url", nullable=True)
    approved_by: Text = column("approved_by", hashed=True, nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.milestones"


class Projects(StreamModel):
    """How a project stood on the day `as_of`; amounts in minor units, `remaining_minor` is the cost still expected."""

    project_id: Text = column("project_id", key=True)
    as_of: Day = column("as_of", key=True)
    name: Text = column("name")
    product_line: Text = column("product_line", nullable=True)
    start_date: Day = column("start_date")
    baseline_end: Day = column("baseline_end")
    forecast_end: Day = column("forecast_end", nullable=True)
    actual_end: Day = column("actual_end", nullable=True)
    budget_minor: Whole = column("budget_minor", ge=0)
    cost_minor: Whole = column("cost_minor", ge=0)
    remaining_minor: Whole = column("remaining_minor", ge=0)
    currency: Text = column("currency", str_matches=r"^[A-Z]{3}$")
    approved_by: Text = column("approved_by", hashed=True, nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.projects"


class RoadmapItems(StreamModel):
    """An item of the frozen plan: its value in hundredths, when it was promised and when it was delivered in full."""

    item_id: Text = column("item_id", key=True)
    item_name: Text = column("item_name")
    product_group: Text = column("product_group")
    value_e2: Whole = column("value_e2", ge=0)
    due_date: Day = column("due_date")
    delivered_date: Day = column("delivered_date", nullable=True)
    moved_out_date: Day = column("moved_out_date", nullable=True)
    hard_reason: Text = column("hard_reason", isin=("customer", "compliance"), nullable=True)
    approved_by: Text = column("approved_by", hashed=True, nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.roadmap_items"


class ProductClasses(StreamModel):
    """What a product counts as (ai, legacy, successor …) from a day until a day, which is in it, or for ever."""

    product: Text = column("product", key=True)
    kind: Text = column("class", key=True)
    valid_from: Day = column("valid_from", key=True)
    valid_until: Day = column("valid_until", nullable=True)
    approved_by: Text = column("approved_by", hashed=True, nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.product_classes"
