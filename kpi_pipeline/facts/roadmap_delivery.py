"""What was promised by the frozen plan, and when it was delivered."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row an item of the plan. Delivered is what the register says, else the local day on which the issue that
    carries the item's number was completed. A reopened or canceled issue is not delivered."""
    items, issues = facts.table("roadmap_item"), facts.table("issue")
    done = issues.filter(issues.completed_at.notnull(), issues.canceled_at.isnull())
    done = done.select(number="identifier", completed_day=local_day(done.completed_at, facts.company.zone))
    rows = items.drop("on_time", "in_quarter").left_join(done, items.item_id == done.number)
    rows = rows.mutate(delivered_day=rows.delivered_day.coalesce(rows.completed_day))
    return rows.mutate(
        on_time=(rows.delivered_day <= rows.due_day).fill_null(False),
        in_quarter=(rows.delivered_day < rows.due_quarter_over_day).fill_null(False),
    )
