"""What other systems export into registers: orders, workflow runs, security, code quality."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Instant, StreamModel, Text, Whole, column

SEVERITIES = ("critical", "high", "medium", "low")


class Orders(StreamModel):
    """An order of the ERP system."""

    order_id: Text = column("order_id", key=True)
    placed_at: Instant = column("placed_at", unit="iso")
    fulfilled_at: Instant = column("fulfilled_at", unit="iso", nullable=True)
    cancelled_at: Instant = column("cancelled_at", unit="iso", nullable=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.orders"


class WorkflowRuns(StreamModel):
    """A run of an automated workflow; `outcome` is that of its last attempt, null while it runs."""

    run_id: Text = column("run_id", key=True)
    workflow: Text = column("workflow")
    started_at: Instant = column("started_at", unit="iso")
    finished_at: Instant = column("finished_at", unit="iso", nullable=True)
    outcome: Text = column("outcome", isin=("success", "failure", "cancelled"), nullable=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.workflow_runs"


class SecurityIncidents(StreamModel):
    """An alert of the SIEM; it is an incident once an analyst confirmed it."""

    incident_id: Text = column("incident_id", key=True)
    severity: Text = column("severity", isin=SEVERITIES)
    raised_at: Instant = column("raised_at", unit="iso")
    acknowledged_at: Instant = column("acknowledged_at", unit="iso", nullable=True)
    confirmed_at: Instant = column("confirmed_at", unit="iso", nullable=True)
    resolved_at: Instant = column("resolved_at", unit="iso", nullable=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.security_incidents"


class Vulnerabilities(StreamModel):
    """A vulnerability that a scanner found; fixed means fixed in production."""

    vulnerability_id: Text = column("vulnerability_id", key=True)
    severity: Text = column("severity", isin=SEVERITIES)
    found_at: Instant = column("found_at", unit="iso")
    fixed_at: Instant = column("fixed_at", unit="iso", nullable=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.vulnerabilities"


class QualityScores(StreamModel):
    """The score of 0 to 10, in hundredths, that the code analysis gave a branch on a day."""

    branch: Text = column("branch", key=True)
    measured_date: Day = column("measured_date", key=True)
    score_e2: Whole = column("score_e2", ge=0, le=1000)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.quality_scores"
