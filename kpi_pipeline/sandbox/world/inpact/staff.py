"""Employees, and how they did in the benchmark and in the AI assessment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import DAY, span
from kpi_pipeline.sandbox.world.inpact.scene import DANNY, STARTS, Scene, workday
from kpi_pipeline.sandbox.world.model import Employee, EmployeeResult, World

TEAMS = ("Development", "Support", "Consultancy", "Sales", "Operations", "Finance")
FOUNDING = 74
JOINS_EVERY = 17  # days
BENCHMARK_FROM = date(2025, 10, 1)
ASSESSMENT_FROM = date(2025, 9, 1)
TOP = 10


def fill(world: World, scene: Scene) -> None:
    joined = [STARTS - timedelta(days=200 + 31 * number) for number in range(FOUNDING)]
    joined += [workday(day) for day in span(scene.first, scene.last) if day.toordinal() % JOINS_EVERY == 0]
    for number, day in enumerate(joined):
        employee = _employee(scene, number, day)
        world.employees.append(employee)
        world.employee_results += _benchmark(scene, employee) + _assessment(scene, employee)


def _employee(scene: Scene, number: int, joined: date) -> Employee:
    r = scene.stream("employee", number)
    left = None
    if r.random() < 0.22:
        left = max(joined, STARTS) + timedelta(days=40 + int(r.random() * 560))
    if number == 12:
        left = scene.ago(31)
    return Employee(
        employee_id=f"E{number + 1:03d}",
        team=TEAMS[int(r.random() * len(TEAMS))],
        joined=joined,
        left=left,
        entered_by=DANNY,
        entered_at=scene.office(workday(max(joined, STARTS)), r) + DAY,
    )


def _benchmark(scene: Scene, employee: Employee) -> list[EmployeeResult]:
    """Up to four tests, each a little better than the last; one in sixteen takes none. A seven is the benchmark."""
    r = scene.stream("benchmark", employee.employee_id)
    score = 5.2 + 3.2 * r.random()
    day = max(BENCHMARK_FROM, employee.joined + 30 * DAY) + int(r.random() * 60) * DAY
    found = []
    for number in range(4 if r.random() < 0.94 else 0):
        if (employee.left is not None and day > employee.left) or day > scene.last:
            break
        shown = Decimal(round(score * 10)) / 10
        if employee.employee_id == "E007":
            shown = Decimal(7)
        found.append(_result(scene, employee, "benchmark", number, workday(day), shown))
        score = min(TOP, score + r.uniform(-0.4, 1.1))
        day += (70 + int(r.random() * 60)) * DAY
    return found


def _assessment(scene: Scene, employee: Employee) -> list[EmployeeResult]:
    """The AI assessment, done once; one in fifteen has never found the time."""
    r = scene.stream("assessment", employee.employee_id)
    day = max(ASSESSMENT_FROM, employee.joined + 10 * DAY) + int(r.random() * 200) * DAY
    gone = employee.left is not None and day > employee.left
    if r.random() < 1 / 15 or gone or day > scene.last:
        return []
    return [_result(scene, employee, "ai_assessment", 0, workday(day), None)]


def _result(
    scene: Scene, employee: Employee, kind: str, number: int, taken: date, score: Decimal | None
) -> EmployeeResult:
    r = scene.stream("result", employee.employee_id, kind, number)
    late = timedelta(days=6) if r.random() < 0.06 else timedelta(days=1)
    return EmployeeResult(
        result_id=f"{kind[:2].upper()}-{employee.employee_id}-{number + 1}",
        employee_id=employee.employee_id,
        kind=kind,
        taken=taken,
        score=score,
        entered_by=DANNY,
        entered_at=scene.office(taken, r) + late,
    )
