"""Security alerts, vulnerabilities, penetration tests, training and controls."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.inopsio.outreach import percentile
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import Employee, EmployeeResult, SecurityIncident, Vulnerability, World
from kpi_pipeline.sandbox.world.model.paperwork import ControlAssessment, Grade, known

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
PERCENT = Fraction(100)
CONFIRMED_WITHIN = timedelta(days=14)
TRAINING, PENTEST = "security_training", "penetration test"
GRADES = ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
GRADE_HOLDS = 92 * DAY


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    incidents, found_bugs = known(world.security_incidents, now), known(world.vulnerabilities, now)
    critical = [bug for bug in found_bugs if bug.severity == "critical"]
    staff, results = known(world.employees, now), known(world.employee_results, now)
    controls, grades = known(world.controls, now), known(world.grades, now)
    found: Series = {name: {} for name in NAMES}
    for day in days:
        waits = _acknowledged(incidents, day)
        found["inosec_incident_response"][day.day] = ratio(
            sum(waits), len(waits), n=len(waits), scale=Fraction(1, MINUTE_MS)
        )
        found["inosec_incident_response_p95"][day.day] = percentile(waits, Fraction(95, 100), MINUTE_MS)
        found["critical_security_incidents"][day.day] = _confirmed(incidents, day, now)
        opened = [bug for bug in critical if bug.found_at < day.as_of and not _before(bug.fixed_at, day.as_of)]
        found["vulnerabilities_critical_open"][day.day] = count(len(opened))
        found["vulnerabilities_critical_open_age"][day.day] = _oldest(opened, day)
        found["vulnerability_resolution_time"][day.day] = _fixed(critical, day, none_open=not opened)
        found["training_completion"][day.day] = _trained(staff, results, day.day)
        found["gdpr_soc_status"][day.day] = _passing(controls, day.day)
        found["pentest_score"][day.day] = _graded(grades, day.day)
    return found


NAMES = (
    "inosec_incident_response",
    "inosec_incident_response_p95",
    "critical_security_incidents",
    "vulnerabilities_critical_open",
    "vulnerabilities_critical_open_age",
    "vulnerability_resolution_time",
    "training_completion",
    "gdpr_soc_status",
    "pentest_score",
)


def _before(at: datetime | None, instant: datetime) -> bool:
    return at is not None and at < instant


def _acknowledged(incidents: list[SecurityIncident], day: BusinessDay) -> list[int]:
    start = day.days_back(7)
    return [
        milliseconds(each.acknowledged_at - each.raised_at)
        for each in incidents
        if each.acknowledged_at is not None and start <= each.raised_at < day.as_of and each.acknowledged_at < day.as_of
    ]


def _confirmed(incidents: list[SecurityIncident], day: BusinessDay, now: datetime) -> TruthValue:
    """Critical ones of the month to date that were confirmed at most a fortnight after it."""
    cut = day.cut(now, CONFIRMED_WITHIN)
    return count(
        sum(
            1
            for each in incidents
            if each.severity == "critical"
            and day.month_start() <= each.raised_at < day.as_of
            and _before(each.confirmed_at, cut)
        )
    )


def _oldest(opened: list[Vulnerability], day: BusinessDay) -> TruthValue:
    if not opened:
        return TruthValue(None, None, None, 0, reason="none_open")
    ms = max(milliseconds(day.as_of - bug.found_at) for bug in opened)
    return TruthValue(decimal(Fraction(ms, HOUR_MS)), ms, None, len(opened))


def _fixed(critical: list[Vulnerability], day: BusinessDay, *, none_open: bool) -> TruthValue:
    start = day.days_back(30)
    took = [
        milliseconds(bug.fixed_at - bug.found_at)
        for bug in critical
        if bug.fixed_at is not None and start <= bug.fixed_at < day.as_of
    ]
    if not took:
        return TruthValue(None, 0, 0, 0, reason="none_open" if none_open else None)
    return ratio(sum(took), len(took), n=len(took), scale=Fraction(1, HOUR_MS))


def _trained(staff: list[Employee], results: list[EmployeeResult], day: date) -> TruthValue:
    """Who joined less than 30 days ago or has left is in neither part."""
    in_service = {
        each.employee_id for each in staff if each.joined + 30 * DAY <= day and (each.left is None or day <= each.left)
    }
    trained = {
        each.employee_id
        for each in results
        if each.kind == TRAINING and each.taken <= day and (each.valid_until is None or day <= each.valid_until)
    }
    return ratio(len(trained & in_service), len(in_service), n=len(in_service), scale=PERCENT)


def _passing(controls: list[ControlAssessment], day: date) -> TruthValue:
    latest: dict[str, ControlAssessment] = {}
    for each in sorted(controls, key=lambda one: one.assessed):
        if each.assessed <= day:
            latest[each.control_id] = each
    in_scope = [each for each in latest.values() if each.result != "out_of_scope"]
    return ratio(sum(each.result == "pass" for each in in_scope), len(in_scope), n=len(in_scope), scale=PERCENT)


def _graded(grades: list[Grade], day: date) -> TruthValue:
    """The rank of the latest grade, the worst 0; one of more than a quarter ago is outdated."""
    latest = max((each for each in grades if each.subject == PENTEST and each.graded <= day), key=lambda g: g.graded)
    reason = "outdated" if day - latest.graded > GRADE_HOLDS else None
    return TruthValue(Decimal(GRADES.index(latest.grade)), None, None, 1, reason)
