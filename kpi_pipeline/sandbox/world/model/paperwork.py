"""What people enter by hand in registers: scorecards, milestones, staff, projects, compliance, plans.

A record is one version of a row: the register shows, for each `key`, the newest version entered by the asked instant
(`known`). So a correction, a new baseline or a late entry is a second record with the same key and a later
`entered_at`. Days on which something happened (`actual`, `left`, `delivered` …) stay blank until that day has come;
planned days do not. Days are local, the last day of a span is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar


class Version(Protocol):
    @property
    def key(self) -> tuple[Any, ...]: ...
    @property
    def entered_at(self) -> datetime: ...


AnyVersion = TypeVar("AnyVersion", bound=Version)


def known(records: Iterable[AnyVersion], now: datetime) -> list[AnyVersion]:
    """For each key the newest version entered by `now`, in order of entry."""
    newest: dict[tuple[Any, ...], AnyVersion] = {}
    for record in sorted(records, key=lambda each: each.entered_at):
        if record.entered_at <= now:
            newest.pop(record.key, None)
            newest[record.key] = record
    return list(newest.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """`entered_by` is how the person signs: an e-mail address of the company's people."""

    entered_by: str
    entered_at: datetime


class Signed(Version, Protocol):
    @property
    def entered_by(self) -> str: ...


AnyByHand = TypeVar("AnyByHand", bound=Signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardEntry(ByHand):
    """A figure that a person reports for a period [start, end], both days in it."""

    framework: str
    kpi_id: str
    period_start: date
    period_end: date
    segment: str = ""
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    comment: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.framework, self.kpi_id, self.period_start, self.period_end, self.segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(ByHand):
    """One of the things to be done of an item of a KPI. `baseline` is frozen: a new one needs `approved_by`."""

    kpi_id: str
    item_id: str
    item_name: str
    milestone: str
    baseline: date
    planned: date
    actual: date | None = None
    weight: Decimal = Decimal(1)
    status: str = "planned"  # planned, on_track, needs_attention, ahead; `done` shows by itself once actual has come
    evidence_url: str = ""
    approved_by: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.kpi_id, self.item_id, self.milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee(ByHand):
    """In service from `joined` to `left`, the last day of service."""

    employee_id: str
    team: str
    joined: date
    left: date | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.employee_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeeResult(ByHand):
    """An assessment (`score`) or a training (`valid_until`, the last day it counts; None: for ever)."""

    result_id: str
    employee_id: str
    kind: str
    taken: date
    score: Decimal | None = None
    valid_until: date | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.result_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectVersion(ByHand):
    """How a project stood on the day `as_of`. Cost at completion = `cost` so far + `remaining` (0 once finished).

    `baseline_end` and `budget` are frozen: a version that changes them needs `approved_by`.
    """

    project_id: str
    as_of: date
    name: str
    start: date
    baseline_end: date
    budget: Decimal
    cost: Decimal
    remaining: Decimal = Decimal(0)
    forecast_end: date | None = None
    actual_end: date | None = None
    product_line: str = ""
    currency: str = "EUR"
    approved_by: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.project_id, self.as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(ByHand):
    """Valid from `valid_from` to `valid_until`, both in it, unless revoked: then not on the day `revoked` any more."""

    name: str
    valid_from: date
    valid_until: date
    revoked: date | None = None
    evidence_url: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.name, self.valid_from


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAssessment(ByHand):
    """`result`: pass, fail or out_of_scope; it holds until the control is assessed again."""

    control_id: str
    framework: str
    assessed: date
    result: str
    evidence_url: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.control_id, self.assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade(ByHand):
    """A grade of an auditor: A+, A, A-, B+ … D-, F."""

    subject: str
    graded: date
    grade: str
    evidence_url: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.subject, self.graded


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadmapItem(ByHand):
    """An item of the frozen plan: `due` is frozen, a new one needs `approved_by`; moved out, it stays in the plan.

    `hard_reason`: customer or compliance for a hard deadline, empty otherwise.
    """

    item_id: str
    item_name: str
    product_group: str
    value: Decimal
    due: date
    delivered: date | None = None
    moved_out: date | None = None
    hard_reason: str = ""
    approved_by: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.item_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeItem(ByHand):
    """`kind`: doc or session."""

    item_id: str
    kind: str
    day: date
    title: str

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.item_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductClass(ByHand):
    """What a product counts as (`kind`: ai, legacy, successor …) from a day until a day (in it) or for ever."""

    product: str
    kind: str
    valid_from: date
    valid_until: date | None = None
    approved_by: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.product, self.kind, self.valid_from
