"""Who is in service."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, months_later, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a person, known by a hash only."""
    rows = facts.records("registers", "employees")
    return rows.select(
        "employee_id",
        "team",
        joined_day=day(rows.joined_date),
        in_30_day=day(rows.joined_date) + 30,
        in_6_months_day=months_later(rows.joined_date, 6),
        gone_day=day(rows.left_date) + 1,
        **signed(rows),
    )
