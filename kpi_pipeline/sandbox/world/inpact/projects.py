"""Customer projects, a line each for every month in which they ran: budget, cost, forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.world.days import DAY, month_start
from kpi_pipeline.sandbox.world.inpact.scene import EVERT, MANON, Scene, workday
from kpi_pipeline.sandbox.world.model import ProjectVersion, World
from kpi_pipeline.sandbox.world.names import LAST

LINES = ("RPA", "AWI", "IIP")
STARTS_EVERY = 19  # days
FIRST_START = date(2025, 2, 3)


@dataclass(frozen=True)
class Course:
    """How a project goes: its plan, and by what factor money and time come out in the end."""

    number: int
    start: date
    planned_days: int
    budget: Decimal
    money: Decimal
    time: Decimal

    @property
    def baseline_end(self) -> date:
        return self.start + timedelta(days=self.planned_days)

    @property
    def end(self) -> date:
        return self.start + timedelta(days=int(self.planned_days * self.time))


def fill(world: World, scene: Scene) -> None:
    for course in _courses(scene):
        world.project_versions += _versions(scene, course)


def _courses(scene: Scene) -> list[Course]:
    """Ordinary projects, and those on an edge: exactly 10 % over, exactly 20 % late, without a budget."""
    found = []
    day, number = FIRST_START, 1
    while day < scene.anchor:
        r = scene.stream("project", number)
        planned = 60 + 10 * int(r.random() * 13)
        budget = Decimal(15_000 + 500 * int(r.random() * 400))
        money = Decimal(str(round(r.gauss(1.02, 0.11), 3)))
        time = Decimal(str(round(max(0.8, r.gauss(1.06, 0.14)), 2)))
        found.append(Course(number, workday(day), planned, budget, money, time))
        day += timedelta(days=STARTS_EVERY)
        number += 1
    edge = scene.ago(95)
    return [
        *found,
        Course(901, edge, 120, Decimal(80_000), Decimal("1.10"), Decimal(1)),
        Course(902, edge, 100, Decimal(40_000), Decimal(1), Decimal("1.20")),
        Course(903, edge, 150, Decimal(0), Decimal(1), Decimal(1)),
        Course(904, scene.ago(180), 90, Decimal(64_250), Decimal("1.34"), Decimal("1.75")),
    ]


def _versions(scene: Scene, course: Course) -> list[ProjectVersion]:
    """A version at the start, at every month's end and when the project is over.

    Project 904 got a new end date after two months, with approval: the contract's date stays what it is judged by.
    The version of the month before the anchor's was delivered twelve days late by project 2's successors' manager.
    """
    name = f"{LAST[course.number % len(LAST)]} {LINES[course.number % 3]}"
    days = [course.start]
    month = month_start(course.start, 1)
    while month <= course.end and month <= scene.last:
        if month - DAY > course.start:
            days.append(month - DAY)
        month = month_start(month, 1)
    if course.end not in days and course.end <= scene.last:
        days.append(course.end)
    found = []
    for day in days:
        r = scene.stream("project version", course.number, day)
        share = Decimal(min(1, (day - course.start) / max(timedelta(days=1), course.end - course.start))).quantize(
            Decimal("0.01")
        )
        over = day >= course.end
        final = (course.budget * course.money).quantize(Decimal("0.01"))
        if course.budget == 0:
            final = Decimal(7_500)
        seen = (course.budget + (final - course.budget) * share).quantize(Decimal("0.01"))
        cost = final if over else (seen * share).quantize(Decimal("0.01"))
        rebaselined = course.number == 904 and day >= course.start + 60 * DAY
        late = (
            timedelta(days=12) if course.number % 3 == 2 and month_start(day) == month_start(scene.anchor, -1) else DAY
        )
        found.append(
            ProjectVersion(
                project_id=f"P{course.number:03d}",
                as_of=day,
                name=name,
                product_line=LINES[course.number % 3],
                start=course.start,
                baseline_end=course.end if rebaselined else course.baseline_end,
                budget=course.budget,
                cost=cost,
                remaining=Decimal(0) if over else seen - cost,
                forecast_end=_forecast(course, share),
                actual_end=course.end if over else None,
                approved_by=MANON if rebaselined else "",
                entered_by=EVERT,
                entered_at=scene.office(workday(day), r) + late,
            )
        )
    return found


def _forecast(course: Course, share: Decimal) -> date:
    """What is expected drifts from the plan to what it will be."""
    drift = (course.end - course.baseline_end).days
    return course.baseline_end + timedelta(days=int(drift * share))
