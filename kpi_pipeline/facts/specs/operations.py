"""Orders, workflow runs, security and code quality, as other systems export them."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, instant, text, whole

SPECS = (
    FactSpec(
        "purchase_order",
        "An order of the ERP system.",
        ("order_id",),
        {
            "order_id": text("id of the order"),
            "placed_at": instant("when it was placed"),
            "fulfilled_at": instant("when it was shipped in full", nullable=True),
            "cancelled_at": instant("when it was called off", nullable=True),
        },
        reads=(("registers", "orders"),),
    ),
    FactSpec(
        "workflow_run",
        "A run of an automated workflow, judged by its last attempt.",
        ("run_id",),
        {
            "run_id": text("id of the run"),
            "workflow": text("which workflow"),
            "started_at": instant("when it started"),
            "finished_at": instant("when its last attempt ended", nullable=True),
            "outcome": text("success, failure or cancelled", nullable=True),
        },
        reads=(("registers", "workflow_runs"),),
    ),
    FactSpec(
        "security_incident",
        "An alert of the SIEM.",
        ("incident_id",),
        {
            "incident_id": text("id of the alert"),
            "severity": text("critical, high, medium or low"),
            "raised_at": instant("when it was raised"),
            "acknowledged_at": instant("when an analyst took it", nullable=True),
            "confirmed_at": instant("when it was found to be real", nullable=True),
            "resolved_at": instant("when it was over", nullable=True),
            "confirmed": flag("it was found to be real"),
        },
        reads=(("registers", "security_incidents"),),
    ),
    FactSpec(
        "vulnerability",
        "A finding of the vulnerability scanner.",
        ("vulnerability_id",),
        {
            "vulnerability_id": text("id of the finding"),
            "severity": text("critical, high, medium or low"),
            "found_at": instant("when it was found"),
            "fixed_at": instant("when it was fixed in production", nullable=True),
        },
        reads=(("registers", "vulnerabilities"),),
    ),
    FactSpec(
        "quality_score",
        "The score that the code analysis gave a branch.",
        ("branch", "measured_day"),
        {
            "branch": text("which branch"),
            "measured_day": whole("when"),
            "score_e2": whole("0 to 10, in hundredths"),
        },
        reads=(("registers", "quality_scores"),),
    ),
)
