"""Which pilots stay at work, week by week, and how soon schools begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.dgskills import crm
from kpi_pipeline.sandbox.truth.dgskills.use import Use, use
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, local_date, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import World

PERCENT = Fraction(100)
DAY_MS = 86_400_000
A_DAY = Fraction(1, DAY_MS)
WEEKS = 26
OVERDUE_AFTER = 10


@dataclass(frozen=True, slots=True)
class School:
    id: int
    signed_at: datetime | None
    go: date | None
    live: date | None
    first_student_at: datetime | None


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    done = use(world, now)
    pilots = [(deal.school, local_date(world.zone, deal.pilot_at)) for deal in crm.deals(world, now) if deal.pilot_at]
    schools = _schools(world, done, now)
    found: Series = {}

    def put(kpi: str, day: BusinessDay, value: TruthValue) -> None:
        found.setdefault(kpi, {})[day.day] = value

    for day in days:
        put("pilot_cohort_retention", day, _retained(world, pilots, done, day, range(2, WEEKS + 1), 7))
        for week in (4, 8, 12):
            put(f"pilot_retention_week_{week}", day, _retained(world, pilots, done, day, range(week, week + 1), 91))
        for kpi, value in (_onboarding(world, schools, day) | _implementation(world, schools, day)).items():
            put(kpi, day, value)
    return found


def _retained(
    world: World, pilots: list[tuple[int, date]], done: Use, day: BusinessDay, weeks: range, window: int
) -> TruthValue:
    """Of the pilots at work in their first week, those at work in a week (of `weeks`) that ended in the window."""
    base = active = 0
    for school, first in pilots:
        if not _at_work(done, school, first, 1):
            continue
        seen = [
            week for week in weeks if day.days_back(window) < midnight(world.zone, first + 7 * week * DAY) <= day.as_of
        ]
        base += bool(seen)
        active += any(_at_work(done, school, first, week) for week in seen)
    return ratio(active, base, n=base, scale=PERCENT)


def _at_work(done: Use, school: int, first: date, week: int) -> bool:
    """A teacher and a student, each on some day of the week."""
    roles: set[str] = set()
    for number in range(7):
        roles |= done.at_work.get(school, {}).get(first + timedelta(days=7 * (week - 1) + number), set())
    return {"teacher", "student"} <= roles


def _schools(world: World, done: Use, now: datetime) -> list[School]:
    """Of several deals the first date counts."""
    by_school: dict[int, list[crm.SchoolDeal]] = {}
    for deal in crm.deals(world, now):
        by_school.setdefault(deal.school, []).append(deal)
    return [
        School(
            id=id_,
            signed_at=min((d.closed_at for d in deals if d.won and d.closed_at is not None), default=None),
            go=min((d.go for d in deals if d.go is not None), default=None),
            live=min((d.live for d in deals if d.live is not None), default=None),
            first_student_at=done.first_student.get(id_),
        )
        for id_, deals in by_school.items()
    ]


def _onboarding(world: World, schools: list[School], day: BusinessDay) -> dict[str, TruthValue]:
    took: list[int] = []
    waiting: list[int] = []
    for school in schools:
        if school.signed_at is None or school.signed_at >= day.as_of:
            continue
        signed = local_date(world.zone, school.signed_at)
        if school.live is None or midnight(world.zone, school.live) >= day.as_of:
            waiting.append((day.day - signed).days)
        elif midnight(world.zone, school.live) >= day.days_back(28):
            took.append((school.live - signed).days)
    oldest = TruthValue(None, None, None, 0, "none_open")
    if waiting:
        oldest = TruthValue(decimal(Fraction(max(waiting))), max(waiting) * DAY_MS, None, len(waiting))
    return {
        "onboarding_lead_time": _mean([days * DAY_MS for days in took]),
        "onboarding_lead_time_median": _median(took),
        "onboarding_waiting": count(len(waiting)),
        "onboarding_waiting_oldest": oldest,
    }


def _implementation(world: World, schools: list[School], day: BusinessDay) -> dict[str, TruthValue]:
    start, took, overdue = day.days_back(91), list[int](), 0
    elapsed: list[int] = []
    waits: list[int] = []
    for school in schools:
        go, first = school.go, school.first_student_at
        if go is None or midnight(world.zone, go) >= day.as_of:
            continue
        begun = midnight(world.zone, go)
        here = first is not None and first < day.as_of
        if not here and (day.day - go).days > OVERDUE_AFTER:
            overdue += 1
        if here and first is not None and first >= start:
            took.append((local_date(world.zone, first) - go).days)
        if begun >= start:
            if here and first is not None:
                elapsed.append((first - begun) // timedelta(milliseconds=1))
            else:
                waits.append((day.as_of - begun) // timedelta(milliseconds=1))
    longer = [ms for ms in waits if elapsed and ms > Fraction(sum(elapsed), len(elapsed))]
    return {
        "implementation_speed": _mean([days * DAY_MS for days in took]),
        "implementation_speed_median": _median(took),
        "implementation_speed_with_waiting": _mean(elapsed + longer),
        "implementation_overdue": count(overdue),
    }


def _mean(milliseconds: list[int]) -> TruthValue:
    return ratio(sum(milliseconds), len(milliseconds), n=len(milliseconds), scale=A_DAY)


def _median(days: list[int]) -> TruthValue:
    if not days:
        return TruthValue(None, None, None, 0)
    ranked, middle = sorted(days), (len(days) - 1) // 2
    value = Fraction(ranked[middle] + ranked[len(days) // 2], 2)
    return TruthValue(decimal(value), None, None, len(days))
