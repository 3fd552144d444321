"""Exports of other systems: orders, workflow runs, security, code quality."""

from __future__ import annotations

from kpi_pipeline.connectors.registers.formats.base import (
    DAY,
    EXPORTED,
    INSTANT,
    SEVERITY,
    TEXT,
    CellError,
    Column,
    Format,
    Row,
    choice,
    hundredths,
    instant_not_before,
    positive,
)


def _outcome_when_finished(row: Row) -> None:
    if (row["finished_at"] is None) != (row["outcome"] is None):
        raise CellError("outcome", "an outcome and finished_at go together")


def _at_most_ten(row: Row) -> None:
    if row["score"] > 1000:  # type: ignore[operator]
        raise CellError("score", "it is more than 10")


FORMATS = (
    Format(
        "orders",
        "Orders of the ERP system",
        (
            Column("order_id", TEXT, example="O-1"),
            Column("placed_at", INSTANT),
            Column("fulfilled_at", INSTANT, optional=True),
            Column("cancelled_at", INSTANT, optional=True),
            *EXPORTED,
        ),
        key=("order_id",),
        rules=(instant_not_before("fulfilled_at", "placed_at"), instant_not_before("cancelled_at", "placed_at")),
        notation="iso",
    ),
    Format(
        "workflow_runs",
        "Runs of automated workflows",
        (
            Column("run_id", TEXT, example="R-1"),
            Column("workflow", TEXT, example="invoice export"),
            Column("started_at", INSTANT),
            Column("finished_at", INSTANT, optional=True),
            Column("outcome", choice("success", "failure", "cancelled"), optional=True),
            *EXPORTED,
        ),
        key=("run_id",),
        rules=(instant_not_before("finished_at", "started_at"), _outcome_when_finished),
        notation="iso",
    ),
    Format(
        "security_incidents",
        "Alerts of the SIEM",
        (
            Column("incident_id", TEXT, example="S-1"),
            Column("severity", SEVERITY),
            Column("raised_at", INSTANT),
            Column("acknowledged_at", INSTANT, optional=True),
            Column("confirmed_at", INSTANT, optional=True),
            Column("resolved_at", INSTANT, optional=True),
            *EXPORTED,
        ),
        key=("incident_id",),
        rules=tuple(
            instant_not_before(f"{what}_at", "raised_at") for what in ("acknowledged", "confirmed", "resolved")
        ),
        notation="iso",
    ),
    Format(
        "vulnerabilities",
        "Findings of the vulnerability scanner",
        (
            Column("vulnerability_id", TEXT, example="V-1"),
            Column("severity", SEVERITY),
            Column("found_at", INSTANT),
            Column("fixed_at", INSTANT, optional=True),
            *EXPORTED,
        ),
        key=("vulnerability_id",),
        rules=(instant_not_before("fixed_at", "found_at"),),
        notation="iso",
    ),
    Format(
        "quality_scores",
        "Scores of the code analysis, 0 to 10",
        (
            Column("branch", TEXT, example="main"),
            Column("measured_date", DAY),
            Column("score", hundredths("8,4"), field="score_e2"),
            *EXPORTED,
        ),
        key=("branch", "measured_date"),
        rules=(positive("score", or_zero=True), _at_most_ten),
        notation="iso",
    ),
)
