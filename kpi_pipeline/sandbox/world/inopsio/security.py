"""Security and compliance: alerts, vulnerabilities, penetration tests, controls, and who was trained."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.days import DAY, month_start
from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import (
    ControlAssessment,
    Employee,
    EmployeeResult,
    Grade,
    SecurityIncident,
    Vulnerability,
    World,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SEVERITIES = ("low", "low", "medium", "medium", "medium", "high", "high", "critical")
CISO, COMPLIANCE, DPO = "ciso@inopsio.example", "compliance@inopsio.example", "dpo@inopsio.example"
PENTEST, TRAINING = "penetration test", "security_training"
TESTS = ((330, "B+"), (242, "A"), (150, "A+"), (44, "A+"))  # days before the Monday: the last but one lapses at 92 days
STAFF, CONTROLS = 84, 48
FRAMEWORKS = ("GDPR", "SOC 2")


def fill(world: World, scene: Scene) -> None:
    for day in scene.all_days():
        _alerts(world, scene, day)
        _findings(world, scene, day)
    _breach(world, scene)
    for days_ago, grade in TESTS:
        at = scene.ago(days_ago, 15)
        # The report of the last test came in a week late: until then the day had no grade.
        entered = at + (7 * DAY if days_ago == TESTS[-1][0] else timedelta())
        world.grades.append(Grade(subject=PENTEST, graded=at.date(), grade=grade, entered_by=CISO, entered_at=entered))
    _controls(world, scene)
    for number in range(STAFF):
        _employee(world, scene, number)


def _alerts(world: World, scene: Scene, day: date) -> None:
    """One or two alerts a day. One in three hundred is never looked at, one in eight is confirmed."""
    r = scene.stream("alerts", day)
    for number in range(1 + (r.random() < 0.6)):
        raised = scene.days.at(day, int(r.random() * 86_000))
        severity = SEVERITIES[int(r.random() * 7)]
        slow = 3.0 if raised.hour < 6 else 1.0
        seen = raised + between(r, MINUTE, 20 * MINUTE) * slow if r.random() > 0.003 else None
        confirmed = seen + 30 * MINUTE if seen is not None and r.random() < 0.12 else None
        resolved = seen + between(r, HOUR, 30 * HOUR) if seen is not None else None
        _incident(world, f"SEC-{day:%y%m%d}-{number}", severity, raised, seen, confirmed, resolved)


def _breach(world: World, scene: Scene) -> None:
    """Two critical alerts in the last months: one confirmed a day later, one that was a false alarm."""
    at = scene.ago(40, 22.5)
    _incident(world, "SEC-CRITICAL-1", "critical", at, at + 15 * MINUTE, at + 26 * HOUR, at + 50 * HOUR)
    at = scene.ago(17, 3)
    _incident(world, "SEC-CRITICAL-2", "critical", at, at + 4 * MINUTE, None, at + HOUR)


def _incident(
    world: World,
    id_: str,
    severity: str,
    raised: datetime,
    seen: datetime | None,
    confirmed: datetime | None,
    resolved: datetime | None,
) -> None:
    world.security_incidents.append(
        SecurityIncident(
            incident_id=id_,
            severity=severity,
            raised_at=raised,
            acknowledged_at=seen,
            confirmed_at=confirmed,
            resolved_at=resolved,
            entered_at=raised,
        )
    )


def _findings(world: World, scene: Scene, day: date) -> None:
    """What the scanner finds: critical ones are fixed in a day or so, others when there is time."""
    r = scene.stream("scan", day)
    if r.random() < 0.45:
        severity = SEVERITIES[int(r.random() * len(SEVERITIES))]
        found = scene.days.at(day, 4 * 3600 + int(r.random() * 1_800))
        took = between(r, 5 * HOUR, 40 * HOUR) if severity == "critical" else between(r, 2 * DAY, 60 * DAY)
        forgotten = severity != "critical" and r.random() < 0.05
        world.vulnerabilities.append(
            Vulnerability(
                vulnerability_id=f"VUL-{day:%y%m%d}",
                severity=severity,
                found_at=found,
                fixed_at=None if forgotten else found + took,
                entered_at=found,
            )
        )


def _controls(world: World, scene: Scene) -> None:
    """Every control is assessed each quarter; a few fail and pass again a fortnight later, one leaves the scope."""
    quarter = month_start(scene.first, -3)
    while quarter <= scene.last:
        for number in range(CONTROLS):
            r = scene.stream("control", number, quarter)
            day = quarter + int(r.random() * 80) * DAY
            failed = r.random() < 0.04
            result = "out_of_scope" if number == 47 and day > scene.ago(50).date() else "fail" if failed else "pass"
            _assessment(world, scene, number, day, result)
            if failed and result == "fail":
                _assessment(world, scene, number, day + 14 * DAY, "pass")
        quarter = month_start(quarter, 3)


def _assessment(world: World, scene: Scene, number: int, day: date, result: str) -> None:
    late = 3 * DAY if number == 11 else timedelta()
    world.controls.append(
        ControlAssessment(
            control_id=f"{'GDPR' if number % 2 else 'SOC'}-{number:02d}",
            framework=FRAMEWORKS[number % 2 == 0],
            assessed=day,
            result=result,
            entered_by=DPO,
            entered_at=scene.days.at(day, 16 * 3600) + late,
        )
    )


def _employee(world: World, scene: Scene, number: int) -> None:
    """Trained once a year, most in time; joiners within their first weeks; leavers drop out of both sides."""
    r = scene.stream("employee", number)
    joined = scene.first - 500 * DAY if number < 60 else scene.first + (number - 60) * 17 * DAY
    left = joined + (560 + number * 5) * DAY if number % 12 == 5 else None
    id_ = f"E{number:03d}"
    entered = scene.days.at(max(joined, scene.first), 9 * 3600)
    world.employees.append(
        Employee(employee_id=id_, team="all", joined=joined, left=left, entered_by=COMPLIANCE, entered_at=entered)
    )
    day = max(joined, scene.first - 300 * DAY) + int(5 + r.random() * 22) * DAY
    turn = 0
    while day <= scene.last and (left is None or day <= left):
        late = 12 * DAY if r.random() < 0.06 else timedelta()
        world.employee_results.append(
            EmployeeResult(
                result_id=f"{id_}-T{turn}",
                employee_id=id_,
                kind=TRAINING,
                taken=day,
                valid_until=day + 365 * DAY,
                entered_by=COMPLIANCE,
                entered_at=scene.days.at(day, 17 * 3600) + late,
            )
        )
        forgot = r.random() < 0.15
        day += (int(320 + r.random() * 44) if not forgot else int(370 + r.random() * 30)) * DAY
        turn += 1
