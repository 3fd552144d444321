"""Certificates, controls, grades of auditors."""

from __future__ import annotations

from kpi_pipeline.connectors.registers.formats.base import (
    BY_HAND,
    DAY,
    EVIDENCE,
    GRADE,
    PLANNED_DAY,
    TEXT,
    Column,
    Format,
    choice,
    not_before,
)

FORMATS = (
    Format(
        "certificates",
        "Certificates and how long they are valid",
        (
            Column("certificate", TEXT, example="ISO 27001"),
            Column("valid_from", PLANNED_DAY, example="2026-02-01"),
            Column("valid_until", PLANNED_DAY, example="2029-01-31"),
            Column("revoked_date", DAY, optional=True),
            EVIDENCE,
            *BY_HAND,
        ),
        key=("certificate", "valid_from"),
        rules=(not_before("valid_until", "valid_from"), not_before("revoked_date", "valid_from")),
    ),
    Format(
        "controls",
        "Results of assessing controls",
        (
            Column("control_id", TEXT, example="SOC2-CC6.1"),
            Column("framework", TEXT, example="SOC 2"),
            Column("assessed_date", DAY),
            Column("result", choice("pass", "fail", "out_of_scope")),
            EVIDENCE,
            *BY_HAND,
        ),
        key=("control_id", "assessed_date"),
    ),
    Format(
        "grades",
        "Grades of auditors, A+ to F",
        (
            Column("subject", TEXT, example="pentest"),
            Column("graded_date", DAY),
            Column("grade", GRADE),
            EVIDENCE,
            *BY_HAND,
        ),
        key=("subject", "graded_date"),
    ),
)
