"""Controls, as they were assessed last."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row an assessment, in force until the next of the same control."""
    rows = facts.records("registers", "controls")
    found = rows.select(
        "control_id",
        "framework",
        assessed_day=day(rows.assessed_date),
        passing=rows.result == "pass",
        in_scope=rows.result != "out_of_scope",
        **signed(rows),
    )
    return found.mutate(
        to_day=found.assessed_day.lead().over(ibis.window(group_by="control_id", order_by="assessed_day"))
    )
