"""Items of the frozen plan."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, quarter, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row an item; those moved out stay, because they were promised."""
    rows = facts.records("registers", "roadmap_items")
    items = rows.select(
        "item_id",
        "item_name",
        "product_group",
        "value_e2",
        "hard_reason",
        due_day=day(rows.due_date),
        due_quarter_day=quarter(rows.due_date),
        due_quarter_over_day=quarter(rows.due_date, later=1),
        delivered_day=day(rows.delivered_date),
        moved_out=rows.moved_out_date.notnull(),
        **signed(rows),
    )
    return items.mutate(
        on_time=(items.delivered_day <= items.due_day).fill_null(False),
        in_quarter=(items.delivered_day < items.due_quarter_over_day).fill_null(False),
    )
