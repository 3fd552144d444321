"""Questions to support: how many, how long people waited for a person, and what one answer solved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import holidays

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import HOUR_MS, PERCENT, every, inside, percentile, rolling
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, midnight, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import HelpdeskTicket, World

OPENS, CLOSES = timedelta(hours=8), timedelta(hours=18)
NOT_BACK_WITHIN = timedelta(days=7)
PER_HOUR = Fraction(1, HOUR_MS)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    tickets = [ticket for ticket in world.product.tickets if ticket.created_at <= now and not ticket.is_duplicate]
    hours = OfficeHours(world.zone)
    return {
        "tickets_30d": every(days, lambda day: _created(tickets, day, 30)),
        "tickets_7d": every(days, lambda day: _created(tickets, day, 7)),
        "first_response_time": every(days, lambda day: _mean_wait(tickets, day, hours)),
        "first_response_time_median": every(days, lambda day: _median_wait(tickets, day, hours)),
        "unanswered_tickets": every(days, lambda day: _unanswered(tickets, day)),
        "first_contact_resolution": every(days, lambda day: _solved_at_once(tickets, day, now)),
    }


class OfficeHours:
    """Weekdays from eight to six, not on American holidays."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.free = holidays.country_holidays("US", years=range(2024, 2030))
        self.known: dict[date, tuple[datetime, datetime] | None] = {}

    def of(self, day: date) -> tuple[datetime, datetime] | None:
        if day not in self.known:
            closed = day.weekday() >= 5 or day in self.free
            start = midnight(self.zone, day)
            self.known[day] = None if closed else (start + OPENS, start + CLOSES)
        return self.known[day]

    def between(self, start: datetime, end: datetime) -> int:
        """Open milliseconds of [start, end)."""
        total = timedelta()
        day = start.date()
        while day <= end.date():
            hours = self.of(day)
            if hours is not None:
                total += max(timedelta(), min(end, hours[1]) - max(start, hours[0]))
            day += DAY
        return milliseconds(total)


def _created(tickets: list[HelpdeskTicket], day: BusinessDay, length: int) -> TruthValue:
    return count(sum(1 for ticket in tickets if inside(ticket.created_at, rolling(day, length))))


def _waits(tickets: list[HelpdeskTicket], day: BusinessDay, hours: OfficeHours) -> tuple[list[int], list[int]]:
    """Of the week's tickets: how long the answered ones waited, and how long the others have waited so far."""
    answered, waiting = [], []
    for ticket in tickets:
        if inside(ticket.created_at, rolling(day, 7)):
            if ticket.replies and ticket.replies[0] < day.as_of:
                answered.append(hours.between(ticket.created_at, ticket.replies[0]))
            else:
                waiting.append(hours.between(ticket.created_at, day.as_of))
    return answered, waiting


def _mean_wait(tickets: list[HelpdeskTicket], day: BusinessDay, hours: OfficeHours) -> TruthValue:
    answered, waiting = _waits(tickets, day, hours)
    overdue = [ms for ms in waiting if answered and ms > Fraction(sum(answered), len(answered))]
    counted = answered + overdue
    return ratio(sum(counted), len(counted), n=len(counted), scale=PER_HOUR)


def _median_wait(tickets: list[HelpdeskTicket], day: BusinessDay, hours: OfficeHours) -> TruthValue:
    return percentile(_waits(tickets, day, hours)[0], Fraction(1, 2), PER_HOUR)


def _unanswered(tickets: list[HelpdeskTicket], day: BusinessDay) -> TruthValue:
    """Those answered on the day itself are not open at its end."""
    return count(
        sum(
            1
            for ticket in tickets
            if ticket.created_at < day.as_of and not (ticket.replies and ticket.replies[0] < day.as_of)
        )
    )


def _solved_at_once(tickets: list[HelpdeskTicket], day: BusinessDay, now: datetime) -> TruthValue:
    window = rolling(day, 7, ending=7)
    solved = [ticket for ticket in tickets if inside(ticket.resolved_at, window) and passed(ticket.resolved_at, now)]
    at_once = 0
    for ticket in solved:
        replies = sum(1 for at in ticket.replies if at <= now)
        back = ticket.reopened_at if passed(ticket.reopened_at, now) else None
        if ticket.resolved_at is not None and replies == 1:
            at_once += back is None or back - ticket.resolved_at > NOT_BACK_WITHIN
    return ratio(at_once, len(solved), n=len(solved), scale=PERCENT)
