"""What people fill in by hand: plans, staff, compliance. The newest version of a row entered by the instant shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from kpi_pipeline.sandbox.vendors.registers.table import Register, Row, columns, day, dutch, dutch_number, past_day
from kpi_pipeline.sandbox.vendors.wire import iso_seconds
from kpi_pipeline.sandbox.world.model import (
    Certificate,
    ControlAssessment,
    Employee,
    EmployeeResult,
    Grade,
    KnowledgeItem,
    Milestone,
    ProductClass,
    ProjectVersion,
    RoadmapItem,
    ScorecardEntry,
    World,
)
from kpi_pipeline.sandbox.world.model.paperwork import AnyByHand, known

Cells = tuple[str, ...]


def _register(
    title: str,
    names: str,
    records: Callable[[World], Sequence[AnyByHand]],
    cells: Callable[[AnyByHand, World, datetime], Cells],
    after: str = "",
) -> Register:
    """A register signed by people: `names` are its own columns, `after` the one behind the signature."""

    def rows(world: World, now: datetime) -> Iterable[Row]:
        for record in known(records(world), now):
            own = cells(record, world, now)
            head, tail = (own[:-1], own[-1:]) if after else (own, ())
            yield record.entered_at, (*head, record.entered_by, iso_seconds(record.entered_at), *tail)

    return Register(title, (*columns(names, by_hand=True), *((after,) if after else ())), rows)


def _scorecard(r: ScorecardEntry, _world: World, _now: datetime) -> Cells:
    figures = (dutch_number(r.value), dutch_number(r.numerator), dutch_number(r.denominator))
    return (r.framework, r.kpi_id, day(r.period_start), day(r.period_end), r.segment, *figures, r.comment)


def _milestone(r: Milestone, world: World, now: datetime) -> Cells:
    actual = past_day(r.actual, world, now)
    status = "done" if actual else r.status
    plan = (r.milestone, dutch_number(r.weight), day(r.baseline), day(r.planned), actual)
    return (r.kpi_id, r.item_id, r.item_name, *plan, status, r.evidence_url if actual else "", r.approved_by)


def _project(r: ProjectVersion, world: World, now: datetime) -> Cells:
    ends = (day(r.start), day(r.baseline_end), day(r.forecast_end), past_day(r.actual_end, world, now))
    amounts = (dutch(r.budget), dutch(r.cost), dutch(r.remaining), r.currency)
    return (r.project_id, day(r.as_of), r.name, r.product_line, *ends, *amounts, r.approved_by)


def _roadmap_item(r: RoadmapItem, world: World, now: datetime) -> Cells:
    happened = (past_day(r.delivered, world, now), past_day(r.moved_out, world, now))
    plan = (r.item_id, r.item_name, r.product_group, dutch_number(r.value), day(r.due))
    return (*plan, *happened, r.hard_reason, r.approved_by)


def _product_class(r: ProductClass, _world: World, _now: datetime) -> Cells:
    return (r.product, r.kind, day(r.valid_from), day(r.valid_until), r.approved_by)


def _employee(r: Employee, world: World, now: datetime) -> Cells:
    return (r.employee_id, r.team, day(r.joined), past_day(r.left, world, now))


def _result(r: EmployeeResult, _world: World, _now: datetime) -> Cells:
    return (r.result_id, r.employee_id, r.kind, day(r.taken), dutch_number(r.score), day(r.valid_until))


def _knowledge_item(r: KnowledgeItem, _world: World, _now: datetime) -> Cells:
    return (r.item_id, r.kind, day(r.day), r.title)


def _certificate(r: Certificate, world: World, now: datetime) -> Cells:
    return (r.name, day(r.valid_from), day(r.valid_until), past_day(r.revoked, world, now), r.evidence_url)


def _control(r: ControlAssessment, _world: World, _now: datetime) -> Cells:
    return (r.control_id, r.framework, day(r.assessed), r.result, r.evidence_url)


def _grade(r: Grade, _world: World, _now: datetime) -> Cells:
    return (r.subject, day(r.graded), r.grade, r.evidence_url)


REGISTERS = {
    "scorecard": _register(
        "Figures reported for a week or a month",
        "framework kpi_id period_start period_end segment value numerator denominator",
        lambda world: world.scorecard,
        _scorecard,
        after="comment",
    ),
    "milestones": _register(
        "Milestones with their frozen baseline",
        "kpi_id item_id item_name milestone weight baseline_date planned_date actual_date status evidence_url"
        " approved_by",
        lambda world: world.milestones,
        _milestone,
    ),
    "projects": _register(
        "Customer projects, a row for each day they were looked at",
        "project_id as_of name product_line start_date baseline_end forecast_end actual_end budget cost remaining"
        " currency approved_by",
        lambda world: world.project_versions,
        _project,
    ),
    "roadmap_items": _register(
        "The frozen plan of roadmap items",
        "item_id item_name product_group value due_date delivered_date moved_out_date hard_reason approved_by",
        lambda world: world.roadmap_items,
        _roadmap_item,
    ),
    "product_classes": _register(
        "What products count as",
        "product class valid_from valid_until approved_by",
        lambda world: world.product_classes,
        _product_class,
    ),
    "employees": _register(
        "Who is in service", "employee_id team joined_date left_date", lambda world: world.employees, _employee
    ),
    "employee_results": _register(
        "Assessments and trainings",
        "result_id employee_id kind taken_date score valid_until",
        lambda world: world.employee_results,
        _result,
    ),
    "knowledge_items": _register(
        "Documents and sessions", "item_id kind date title", lambda world: world.knowledge_items, _knowledge_item
    ),
    "certificates": _register(
        "Certificates",
        "certificate valid_from valid_until revoked_date evidence_url",
        lambda world: world.certificates,
        _certificate,
    ),
    "controls": _register(
        "Controls as assessed",
        "control_id framework assessed_date result evidence_url",
        lambda world: world.controls,
        _control,
    ),
    "grades": _register(
        "Grades of auditors", "subject graded_date grade evidence_url", lambda world: world.grades, _grade
    ),
}
