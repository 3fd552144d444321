"""Employees: who reached the benchmark, who did the assessment, how satisfied they are."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.inpact.answers import completed, latest, quarter_start
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import Employee, EmployeeResult, World
from kpi_pipeline.sandbox.world.model.paperwork import known

PERCENT = Fraction(100)
BENCHMARK = Decimal(7)
FORM, QUESTION = "medewerkers", "tevredenheid"


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    staff = known(world.employees, now)
    results = known(world.employee_results, now)
    answers = completed(world, FORM, QUESTION, now)
    found: Series = {
        name: {}
        for name in (
            "kpi12_benchmark",
            "kpi12_tested",
            "kpi13_ai_assessment",
            "kpi14_mean_score",
            "kpi14_answers",
            "kpi14_employees",
            "kpi14_response_rate",
        )
    }
    for day in days:
        on = day.day
        settled = {each.employee_id for each in staff if _serves(each, on) and _six_months(each.joined) <= on}
        tested = _latest_scores(results, "benchmark", on, settled)
        reached = sum(1 for score in tested.values() if score >= BENCHMARK)
        asked = {each.employee_id for each in staff if _serves(each, on) and each.joined + timedelta(days=30) <= on}
        assessed = {each.employee_id for each in results if each.kind == "ai_assessment" and each.taken <= on} & asked
        in_service = sum(1 for each in staff if _serves(each, on))
        scores = latest(answers, quarter_start(day), day.as_of)
        found["kpi12_benchmark"][on] = ratio(reached, len(settled), n=len(settled), scale=PERCENT)
        found["kpi12_tested"][on] = ratio(len(tested), len(settled), n=len(settled), scale=PERCENT)
        found["kpi13_ai_assessment"][on] = ratio(len(assessed), len(asked), n=len(asked), scale=PERCENT)
        found["kpi14_mean_score"][on] = ratio(sum(scores.values()), len(scores), n=len(scores))
        found["kpi14_answers"][on] = count(len(scores))
        found["kpi14_employees"][on] = count(in_service)
        share = Decimal(len(scores)) * 100 / in_service if in_service else None
        found["kpi14_response_rate"][on] = TruthValue(share, len(scores), in_service, min(len(scores), in_service))
    return found


def _serves(employee: Employee, on: date) -> bool:
    return employee.joined <= on and (employee.left is None or on <= employee.left)


def _six_months(joined: date) -> date:
    """The same day six months later, or the last day of a month that lacks it."""
    month = joined.month + 6
    year, month = joined.year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(joined.day, calendar.monthrange(year, month)[1]))


def _latest_scores(results: list[EmployeeResult], kind: str, on: date, who: set[str]) -> dict[str, Decimal]:
    last: dict[str, EmployeeResult] = {}
    for result in results:
        if result.kind == kind and result.taken <= on and result.employee_id in who:
            before = last.get(result.employee_id)
            if before is None or (before.taken, before.result_id) < (result.taken, result.result_id):
                last[result.employee_id] = result
    return {person: result.score or Decimal(0) for person, result in last.items()}
