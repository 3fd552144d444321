"""Customer projects, as they stood between two looks at them."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.register import day, next_month, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a version, in force until the next. Raises FactError for a project in another currency than ours."""
    rows = facts.records("registers", "projects")
    _require_currency(facts, rows)
    versions = rows.select(
        "project_id",
        "name",
        "product_line",
        "budget_minor",
        from_day=day(rows.as_of),
        start_day=day(rows.start_date),
        baseline_end_day=day(rows.baseline_end),
        end_day=day(ibis.coalesce(rows.actual_end, rows.forecast_end, rows.baseline_end)),
        actual_end_day=day(rows.actual_end),
        month_over_day=next_month(rows.actual_end),
        running=rows.actual_end.isnull(),
        cost_minor=rows.cost_minor + rows.remaining_minor,
        **signed(rows),
    )
    in_order = ibis.window(group_by="project_id", order_by="from_day")
    return versions.mutate(
        to_day=versions.from_day.lead().over(in_order),
        first_baseline_end_day=versions.baseline_end_day.first().over(in_order),
    )


def _require_currency(facts: FactTables, rows: Table) -> None:
    """A budget and its cost are one figure each; converting them at different days would show an overrun nobody had."""
    company = facts.company
    others = rows.filter(rows.currency != company.currency).select("project_id").distinct()
    found = sorted(row["project_id"] for row in facts.computed(others).to_pyarrow().to_pylist())
    if found:
        raise FactError(
            f"reading the projects of {company.id}",
            f"{', '.join(found[:10])} {'are' if len(found) > 1 else 'is'} not in {company.currency}",
            remedy="Enter budget and cost of a project in the company's currency",
        )
