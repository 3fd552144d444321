"""Staff: who is in service, what they were assessed and trained on, what they shared."""

from __future__ import annotations

from kpi_pipeline.connectors.registers.formats.base import (
    BY_HAND,
    DAY,
    PLANNED_DAY,
    TEXT,
    Column,
    Format,
    choice,
    hundredths,
    not_before,
    positive,
)

FORMATS = (
    Format(
        "employees",
        "Who is in service, and since when",
        (
            Column("employee_id", TEXT, example="E-1"),
            Column("team", TEXT, example="Support"),
            Column("joined_date", PLANNED_DAY, example="2025-03-01"),
            Column("left_date", PLANNED_DAY, optional=True),
            *BY_HAND,
        ),
        key=("employee_id",),
        rules=(not_before("left_date", "joined_date"),),
    ),
    Format(
        "employee_results",
        "Assessments and trainings of employees",
        (
            Column("result_id", TEXT, example="T-1"),
            Column("employee_id", TEXT, example="E-1"),
            Column("kind", TEXT, example="training"),
            Column("taken_date", DAY),
            Column("score", hundredths("7,5"), optional=True, field="score_e2"),
            Column("valid_until", PLANNED_DAY, optional=True),
            *BY_HAND,
        ),
        key=("result_id",),
        rules=(not_before("valid_until", "taken_date"), positive("score", or_zero=True)),
    ),
    Format(
        "knowledge_items",
        "Documents published and sessions held",
        (
            Column("item_id", TEXT, example="K-1"),
            Column("kind", choice("doc", "session")),
            Column("date", DAY),
            Column("title", TEXT, example="How we release"),
            *BY_HAND,
        ),
        key=("item_id",),
    ),
)
