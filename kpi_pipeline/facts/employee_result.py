"""Assessments and trainings, beside the service of those who took them."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a result. Of two on one day the one with the later id stands."""
    rows = facts.records("registers", "employee_results")
    results = rows.select(
        "result_id",
        "employee_id",
        "kind",
        "score_e2",
        taken_day=day(rows.taken_date),
        expires_day=day(rows.valid_until) + 1,
        **signed(rows),
    )
    in_order = ibis.window(group_by=["employee_id", "kind"], order_by=["taken_day", "result_id"])
    results = results.mutate(next_day=results.taken_day.lead().over(in_order))
    staff = facts.table("employee").drop("entered_by", "entered_at")
    return results.left_join(staff, "employee_id").drop("employee_id_right")
