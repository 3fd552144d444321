"""Grades of auditors, ranked."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.register import day, signed
from kpi_pipeline.facts.tables import FactTables

GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")


def build(facts: FactTables) -> Table:
    """One row a grade; A+ ranks 0."""
    rows = facts.records("registers", "grades")
    ranks = [(rows.grade == grade, ibis.literal(rank, "int64")) for rank, grade in enumerate(GRADES)]
    return rows.select("subject", "grade", graded_day=day(rows.graded_date), rank=ibis.cases(*ranks), **signed(rows))
