"""Teachers at work, holidays beside them, students, assignments and reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.dgskills import crm
from kpi_pipeline.sandbox.truth.dgskills.use import Seat, Use, seats, use, users_of
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.dgskills.holidays import HOLIDAYS
from kpi_pipeline.sandbox.world.model import World

PERCENT = Fraction(100)
LINE, HOLIDAY_SHARE = 60, 50
SETTLES = timedelta(days=14)
GRADES = ("below_twice", "below_once", "holiday", "sufficient")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    """The reading of the week before needs days before the first one: they are counted too, and left out at the end."""
    taken, done, phases = seats(world, now), use(world, now), crm.phases(world, now)
    earlier = [_sunday_before(world, day) for day in days]
    activation = {day.day: _activation(taken, done, day) for day in (*earlier, *days)}
    found: Series = {}

    def put(kpi: str, day: BusinessDay, value: TruthValue) -> None:
        found.setdefault(kpi, {})[day.day] = value

    for day, sunday in zip(days, earlier, strict=True):
        active, enabled, active_pilots, enabled_pilots = activation[day.day]
        put("teachers_active_7d", day, count(active))
        put("teachers_enabled", day, count(enabled))
        put("teachers_active_7d_pilots", day, count(active_pilots))
        put("teachers_enabled_pilots", day, count(enabled_pilots))
        put("teacher_activation_7d", day, _share(active, enabled))
        put("teacher_activation_pilots", day, _share(active_pilots, enabled_pilots))
        put("teacher_activation_lowest_pilot", day, _weakest_pilot(taken, done, day))
        put("pilots_running", day, count(_pilots(phases, day)))
        before = _share(*activation[sunday.day][:2])
        put("teacher_activation_last_week", day, TruthValue(before.value, None, None, before.n))
        away, schools = _on_holiday(phases, day), _in_use(phases, day)
        put("schools_on_holiday_7d", day, count(away))
        put("schools_in_use", day, count(schools))
        put("schools_on_holiday", day, _share(away, schools))
        put("teacher_activation_readings", day, _readings(_share(active, enabled), before, _share(away, schools)))
        put("wau_students", day, count(_students(world, done, day, day.day.weekday())))
        put("students_active_7d", day, count(_students(world, done, day, 6)))
        put("assignment_completion_ratio", day, _finished(world, day, now))
        week = crm.week_start(world.zone, day.day)
        put("assignment_completion_period", day, _finished_in_period(world, week, day.as_of, now))
        put("assignment_completion_28d", day, _finished_in_period(world, day.days_back(28), day.as_of, now))
        _exports(found, taken, done, day)
        pupils = [s for s in taken if s.role == "student" and s.segment == "VSO" and s.phase == "pilot"]
        there = [seat for seat in pupils if seat.taken(day.as_of)]
        ready = {s.user for s in there if s.profile_set_at is not None and s.profile_set_at < day.as_of}
        everybody = {seat.user for seat in there}
        put("vso_adoption", day, ratio(len(ready), len(everybody), n=len(everybody), scale=PERCENT))
    return found


def _share(numerator: int, denominator: int) -> TruthValue:
    """A quotient of two counts; its n is the smaller of theirs."""
    return ratio(numerator, denominator, n=min(numerator, denominator), scale=PERCENT)


def _activation(taken: list[Seat], done: Use, day: BusinessDay) -> tuple[int, int, int, int]:
    """Teachers at work and enabled, of all and of those in pilots."""
    at_work = users_of(done.active, day.day - 6 * DAY, day.day)
    enabled, pilots = set(), set()
    for seat in taken:
        if seat.role == "teacher" and seat.taken(day.as_of) and seat.settled_at < day.as_of:
            enabled.add(seat.user)
            if seat.phase == "pilot":
                pilots.add(seat.user)
    return len(enabled & at_work), len(enabled), len(pilots & at_work), len(pilots)


def _weakest_pilot(taken: list[Seat], done: Use, day: BusinessDay) -> TruthValue:
    """School by school; of equally weak ones the one with the most teachers."""
    at_work = users_of(done.active, day.day - 6 * DAY, day.day)
    teachers: dict[int, set[int]] = {}
    for seat in taken:
        if seat.role == "teacher" and seat.phase == "pilot" and seat.taken(day.as_of) and seat.settled_at < day.as_of:
            teachers.setdefault(seat.school, set()).add(seat.user)
    if not teachers:
        return ratio(0, 0, n=0, scale=PERCENT)
    weakest = min(teachers.values(), key=lambda group: (Fraction(len(group & at_work), len(group)), -len(group)))
    return ratio(len(weakest & at_work), len(weakest), n=len(teachers), scale=PERCENT)


def _pilots(phases: list[crm.Phase], day: BusinessDay) -> int:
    return sum(p.kind == "pilot" and p.start < day.as_of and (p.end is None or p.end >= day.as_of) for p in phases)


def _sunday_before(world: World, day: BusinessDay) -> BusinessDay:
    """The last day of the ISO week before that of the day."""
    sunday = day.day - timedelta(days=day.day.weekday() + 1)
    start = midnight(world.zone, sunday)
    return BusinessDay(world.zone, sunday, start, midnight(world.zone, sunday + DAY))


def _in_use(phases: list[crm.Phase], day: BusinessDay) -> int:
    return len({p.school for p in phases if p.start < day.as_of and (p.end is None or p.end >= day.as_of)})


def _on_holiday(phases: list[crm.Phase], day: BusinessDay) -> int:
    """Schools in use that had a weekday off in the last seven days."""
    weekdays = [day.day - back * DAY for back in range(7) if (day.day - back * DAY).isoweekday() <= 5]
    away = {region for region in HOLIDAYS if any(_is_off(region, weekday) for weekday in weekdays)}
    there = [p for p in phases if p.start < day.as_of and (p.end is None or p.end >= day.as_of)]
    return len({phase.school for phase in there if phase.region in away})


def _is_off(region: str, day: date) -> bool:
    return any(first <= day <= last for first, last in HOLIDAYS[region])


def _readings(now: TruthValue, before: TruthValue, away: TruthValue) -> TruthValue:
    n = min(each.n or 0 for each in (now, before, away))
    if now.value is None or before.value is None or away.value is None:
        return TruthValue(None, None, None, n)
    grade = "sufficient"
    if away.value >= HOLIDAY_SHARE:
        grade = "holiday"
    elif now.value < LINE:
        grade = "below_twice" if before.value < LINE else "below_once"
    return TruthValue(Decimal(GRADES.index(grade)), None, None, n)


def _students(world: World, done: Use, day: BusinessDay, days_before: int) -> int:
    there = users_of(done.active, day.day - timedelta(days=days_before), day.day)
    return sum(1 for user in there if world.product.users[user].role == "student")


def _finished(world: World, day: BusinessDay, now: datetime) -> TruthValue:
    """Of the assignments begun in the week so far, those finished by now, at most 14 days after the day."""
    week, cut = crm.week_start(world.zone, day.day), day.cut(now, SETTLES)
    begun = [each for each in world.product.assignments if week <= each.started_at < day.as_of]
    finished = sum(1 for each in begun if each.completed_at is not None and each.completed_at < cut)
    return ratio(finished, len(begun), n=len(begun), scale=PERCENT)


def _finished_in_period(world: World, start: datetime, end: datetime, now: datetime) -> TruthValue:
    begun = crm.between((each.started_at for each in world.product.assignments), start, end)
    done = (each.completed_at for each in world.product.assignments if passed(each.completed_at, now))
    return ratio(crm.between(done, start, end), begun, n=begun, scale=PERCENT)


def _exports(found: Series, taken: list[Seat], done: Use, day: BusinessDay) -> None:
    teachers = [seat for seat in taken if seat.role == "teacher" and seat.taken(day.as_of)]
    month = {seat.user for seat in teachers if seat.whole_month_from < day.as_of}
    settled = {seat.user for seat in teachers if seat.settled_at < day.as_of}
    this_month = month & users_of(done.exported, day.day.replace(day=1), day.day)
    thirty = settled & users_of(done.exported, day.day - 29 * DAY, day.day)
    for kpi, value in {
        "teachers_exporting": count(len(this_month)),
        "teachers_whole_month": count(len(month)),
        "report_usage": _share(len(this_month), len(month)),
        "teachers_exporting_30d": count(len(thirty)),
        "report_usage_30d": _share(len(thirty), len(settled)),
    }.items():
        found.setdefault(kpi, {})[day.day] = value
