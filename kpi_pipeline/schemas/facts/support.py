"""What must hold of support tickets."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class SupportTicket(FactModel):
    # A reopening lies after the first solution or before the last one: sources keep one of the two.
    _order = (("created_at", "first_reply_at"), ("created_at", "resolved_at"), ("created_at", "reopened_at"))

    ticket_id: Text = pa.Field(unique=True)
    company_id: Text = maybe()
    created_at: Whole = instant()
    first_reply_at: Whole = instant(nullable=True)
    replies: Whole = pa.Field(ge=0)
    resolved_at: Whole = instant(nullable=True)
    reopened_at: Whole = instant(nullable=True)
    product_line: Text = maybe()
    priority: Text = maybe()
    developer_involved: Flag
    is_duplicate: Flag


MODELS: dict[str, type[FactModel]] = {"support_ticket": SupportTicket}
