"""What other systems export; what has not happened by the instant is blank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from kpi_pipeline.sandbox.vendors.registers.table import Register, Row, columns, day, past
from kpi_pipeline.sandbox.vendors.wire import iso_seconds
from kpi_pipeline.sandbox.world.model import (
    PurchaseOrder,
    QualityScore,
    SecurityIncident,
    Vulnerability,
    WorkflowRun,
    World,
)
from kpi_pipeline.sandbox.world.model.paperwork import AnyVersion, known

Cells = tuple[str, ...]


def _register(
    title: str,
    names: str,
    records: Callable[[World], Sequence[AnyVersion]],
    cells: Callable[[AnyVersion, datetime], Cells],
) -> Register:
    def rows(world: World, now: datetime) -> Iterable[Row]:
        for record in known(records(world), now):
            yield record.entered_at, (*cells(record, now), iso_seconds(record.entered_at))

    return Register(title, columns(names), rows)


def _order(r: PurchaseOrder, now: datetime) -> Cells:
    return (r.order_id, iso_seconds(r.placed_at), past(r.fulfilled_at, now), past(r.cancelled_at, now))


def _run(r: WorkflowRun, now: datetime) -> Cells:
    finished = past(r.finished_at, now)
    return (r.run_id, r.workflow, iso_seconds(r.started_at), finished, r.outcome if finished else "")


def _incident(r: SecurityIncident, now: datetime) -> Cells:
    later = (past(at, now) for at in (r.acknowledged_at, r.confirmed_at, r.resolved_at))
    return (r.incident_id, r.severity, iso_seconds(r.raised_at), *later)


def _vulnerability(r: Vulnerability, now: datetime) -> Cells:
    return (r.vulnerability_id, r.severity, iso_seconds(r.found_at), past(r.fixed_at, now))


def _score(r: QualityScore, _now: datetime) -> Cells:
    return (r.branch, day(r.measured), str(r.score))


REGISTERS = {
    "orders": _register(
        "Orders of the ERP", "order_id placed_at fulfilled_at cancelled_at", lambda world: world.orders, _order
    ),
    "workflow_runs": _register(
        "Runs of automated workflows",
        "run_id workflow started_at finished_at outcome",
        lambda world: world.workflow_runs,
        _run,
    ),
    "security_incidents": _register(
        "Alerts of the SIEM",
        "incident_id severity raised_at acknowledged_at confirmed_at resolved_at",
        lambda world: world.security_incidents,
        _incident,
    ),
    "vulnerabilities": _register(
        "Findings of the scanner",
        "vulnerability_id severity found_at fixed_at",
        lambda world: world.vulnerabilities,
        _vulnerability,
    ),
    "quality_scores": _register(
        "Scores of the code analysis", "branch measured_date score", lambda world: world.quality_scores, _score
    ),
}
