"""What other systems export into registers: orders, workflow runs, security and quality.

A record is one version of a row, as in `paperwork`; an instant that lies after the asked one shows as blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """`entered_at` is when the export first held this version."""

    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder(Exported):
    order_id: str
    placed_at: datetime
    fulfilled_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.order_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun(Exported):
    """`outcome` (success, failure, cancelled) shows once the run has finished; the last attempt decides it."""

    run_id: str
    workflow: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.run_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityIncident(Exported):
    """`severity`: critical, high, medium or low. `confirmed_at` None: a false alarm, or not looked at yet."""

    incident_id: str
    severity: str
    raised_at: datetime
    acknowledged_at: datetime | None = None
    confirmed_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.incident_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability(Exported):
    """`severity`: critical, high, medium or low. Fixed means fixed in production."""

    vulnerability_id: str
    severity: str
    found_at: datetime
    fixed_at: datetime | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.vulnerability_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityScore(Exported):
    """The score (0-10) that the code analysis gave a branch on a day."""

    branch: str
    measured: date
    score: Decimal

    @property
    def key(self) -> tuple[Any, ...]:
        return self.branch, self.measured
