"""Support: how soon tickets are answered, and what urgent issues are open for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.dgskills.crm import week_start
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, local_date, midnight, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import IssueRecord, Ticket, World

OPENS, CLOSES = time(8, 30), time(17)
TEAM = "SUP"
CLOSED = ("completed", "canceled", "duplicate")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
Stretch = tuple[str, datetime, datetime | None]  # priority, [from, until)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    tickets = [each for each in world.tickets if each.created_at <= now and not passed(each.archived_at, now)]
    stretches = [open_stretches(world, issue, now) for issue in _issues(world, now)]
    found: Series = {}
    for day in days:
        for kpi, value in (_tickets(world, tickets, day, now) | _urgent(world, stretches, day)).items():
            found.setdefault(kpi, {})[day.day] = value
    return found


def _tickets(world: World, tickets: list[Ticket], day: BusinessDay, now: datetime) -> dict[str, TruthValue]:
    as_of = day.as_of
    took = _took(world, tickets, week_start(world.zone, day.day), as_of)
    of_4_weeks = _took(world, tickets, day.days_back(28), as_of)
    open_ones = 0
    for each in tickets:
        ends = [at for at in (each.first_reply_at, _closed_at(world, each, now)) if at is not None and at < as_of]
        open_ones += each.created_at < as_of and not ends
    hours = Fraction(1, HOUR_MS)
    return {
        "first_response_time_support": ratio(sum(took), len(took), n=len(took), scale=hours),
        "first_response_time_28d": ratio(sum(of_4_weeks), len(of_4_weeks), n=len(of_4_weeks), scale=hours),
        "first_response_vs_4_weeks": _against(took, of_4_weeks),
        "unanswered_tickets": count(open_ones),
    }


def _took(world: World, tickets: list[Ticket], start: datetime, as_of: datetime) -> list[int]:
    """How long the tickets of [start, as_of) waited that were answered before it."""
    return [
        support_ms(world.zone, each.created_at, each.first_reply_at)
        for each in tickets
        if start <= each.created_at < as_of and each.first_reply_at is not None and each.first_reply_at < as_of
    ]


def _against(took: list[int], before: list[int]) -> TruthValue:
    """The mean of one ÷ the mean of the other; of no use where either is missing or the divisor is nothing."""
    mean, usual = _mean_hours(took), _mean_hours(before)
    value = mean / usual if mean is not None and usual else None
    exact, above, below = (None if each is None else decimal(each) for each in (value, mean, usual))
    return TruthValue(exact, above, below, min(len(took), len(before)))


def _mean_hours(waits: list[int]) -> Fraction | None:
    return Fraction(sum(waits), len(waits) * HOUR_MS) if waits else None


def _closed_at(world: World, ticket: Ticket, now: datetime) -> datetime | None:
    """The closing that holds now; a ticket that was opened again has none."""
    closed = {s.id for p in world.pipelines if p.object == "tickets" for s in p.stages if s.is_closed}
    steps = [(stage, at) for stage, at in ticket.stages if at <= now]
    return steps[-1][1] if steps[-1][0] in closed else None


def _issues(world: World, now: datetime) -> list[IssueRecord]:
    team = next(each.id for each in world.teams if each.key == TEAM)
    return [
        each
        for each in world.issues
        if each.team_id == team and each.created_at <= now and not passed(each.trashed_at, now)
    ]


def open_stretches(world: World, issue: IssueRecord, now: datetime) -> list[Stretch]:
    """When the issue was open at which priority, by walking its changes in order."""
    kinds = {state.id: state.type for state in world.workflow_states}
    changes = sorted({at for _, at in (*issue.states, *issue.priorities) if at <= now})
    found: list[Stretch] = []
    for position, at in enumerate(changes):
        until = changes[position + 1] if position + 1 < len(changes) else None
        state = [kinds[name] for name, since in issue.states if since <= at][-1]
        priority = [name for name, since in issue.priorities if since <= at][-1]
        if state in CLOSED:
            continue
        if found and found[-1][0] == priority and found[-1][2] == at:
            found[-1] = (priority, found[-1][1], until)
        else:
            found.append((priority, at, until))
    return found


def _urgent(world: World, issues: list[list[Stretch]], day: BusinessDay) -> dict[str, TruthValue]:
    """Open P1 and P2 at the end of the day, with the working time since each was raised to that."""
    high: list[int] = []
    urgent: list[int] = []
    for stretches in issues:
        position = next((i for i, (_, start, end) in enumerate(stretches) if _covers(start, end, day.as_of)), None)
        if position is None or stretches[position][0] not in ("1", "2"):
            continue
        if stretches[position][0] == "1":
            urgent.append(working_ms(world.zone, stretches[position][1], day.as_of))
        since = position
        while since and stretches[since - 1][0] in ("1", "2") and stretches[since - 1][2] == stretches[since][1]:
            since -= 1
        high.append(working_ms(world.zone, stretches[since][1], day.as_of))
    return {
        "open_p1_p2_tickets": count(len(high)),
        "open_p1_tickets": count(len(urgent)),
        "open_p1_p2_oldest_age": _oldest(high),
        "open_p1_oldest_age": _oldest(urgent),
    }


def _covers(start: datetime, end: datetime | None, as_of: datetime) -> bool:
    return start < as_of and (end is None or end >= as_of)


def _oldest(ages: list[int]) -> TruthValue:
    if not ages:
        return TruthValue(None, None, None, 0, "none_open")
    return TruthValue(decimal(Fraction(max(ages), DAY_MS)), max(ages), None, len(ages))


def support_ms(zone: str, start: datetime, end: datetime) -> int:
    """Milliseconds of [start, end) on working days from 08:30 to 17:00 local time."""
    return _overlap(zone, start, end, lambda day: (_at(zone, day, OPENS), _at(zone, day, CLOSES)))


def working_ms(zone: str, start: datetime, end: datetime) -> int:
    """Milliseconds of [start, end) on working days, all 24 hours of them."""
    return _overlap(zone, start, end, lambda day: (midnight(zone, day), midnight(zone, day + DAY)))


def _overlap(zone: str, start: datetime, end: datetime, hours: Callable[[date], tuple[datetime, datetime]]) -> int:
    total, day = timedelta(), local_date(zone, start)
    while midnight(zone, day) < end:
        if day.isoweekday() <= 5 and day not in free_days(day.year):
            opens, closes = hours(day)
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += DAY
    return milliseconds(total)


def _at(zone: str, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def free_days(year: int) -> set[date]:
    """Dutch public holidays, Good Friday with them."""
    easter = easter_sunday(year)
    king = date(year, 4, 27) if date(year, 4, 27).isoweekday() != 7 else date(year, 4, 26)
    moving = {easter + timedelta(days=offset) for offset in (-2, 0, 1, 39, 49, 50)}
    liberation = {date(year, 5, 5)} if year % 5 == 0 else set()
    return moving | liberation | {date(year, 1, 1), king, date(year, 12, 25), date(year, 12, 26)}


def easter_sunday(year: int) -> date:
    """The anonymous Gregorian computus (Nature, 20 April 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
