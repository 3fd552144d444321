"""How long new leads wait for a person, on the clock that runs from 09:00 to 21:00 local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpi_pipeline.sandbox.truth.crm import leads
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, local_date, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import World

WINDOW_DAYS = 30
OPENS, CLOSES = time(9), time(21)
HOUR_MS = 3_600_000
TWO_HOURS_MS = 2 * HOUR_MS


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    known = sorted(leads(world, now).values(), key=lambda lead: lead.created_at)
    opening_hours: dict[date, tuple[datetime, datetime]] = {}
    found: Series = {
        "lead_response_time_avg": {},
        "lead_response_time_median": {},
        "lead_response_time_p90": {},
        "lead_response_within_2h": {},
        "open_leads": {},
    }
    for day in days:
        start, as_of = day.days_back(WINDOW_DAYS), day.as_of
        contacted: list[int] = []
        waiting: list[int] = []
        for lead in known:
            if not start <= lead.created_at < as_of:
                continue
            if lead.first_contact_at is not None and lead.first_contact_at < as_of:
                contacted.append(open_ms(world.zone, lead.created_at, lead.first_contact_at, opening_hours))
            else:
                waiting.append(open_ms(world.zone, lead.created_at, as_of, opening_hours))
        overdue = [ms for ms in waiting if contacted and ms > Fraction(sum(contacted), len(contacted))]
        counted = contacted + overdue
        found["lead_response_time_avg"][day.day] = ratio(
            sum(counted), len(counted), n=len(counted), scale=Fraction(1, HOUR_MS)
        )
        found["lead_response_time_median"][day.day] = _percentile(contacted, Fraction(1, 2))
        found["lead_response_time_p90"][day.day] = _percentile(contacted, Fraction(9, 10))
        in_time = sum(1 for ms in contacted if ms <= TWO_HOURS_MS)
        judged = len(contacted) + sum(1 for ms in waiting if ms > TWO_HOURS_MS)
        found["lead_response_within_2h"][day.day] = ratio(in_time, judged, n=judged, scale=Fraction(100))
        found["open_leads"][day.day] = count(len(waiting))
    return found


def open_ms(
    zone: str, start: datetime, end: datetime, opening_hours: dict[date, tuple[datetime, datetime]] | None = None
) -> int:
    """Milliseconds of [start, end) within opening hours; a time out of hours counts nothing.

    `opening_hours` remembers the opening hours of days already asked for.
    """
    known = {} if opening_hours is None else opening_hours
    total = timedelta()
    day = local_date(zone, start)
    while True:
        if day not in known:
            local = ZoneInfo(zone)
            opens, closes = (datetime.combine(day, at, local).astimezone(UTC) for at in (OPENS, CLOSES))
            known[day] = (opens, closes)
        opens, closes = known[day]
        if opens >= end:
            return milliseconds(total)
        total += max(timedelta(), min(end, closes) - max(start, opens))
        day += DAY


def _percentile(ms: list[int], share: Fraction) -> TruthValue:
    """Hours; linear between the two nearest values (type 7 of Hyndman and Fan 1996)."""
    if not ms:
        return TruthValue(None, None, None, 0)
    ranked = sorted(ms)
    place = share * (len(ranked) - 1)
    below = place.__floor__()
    above = min(below + 1, len(ranked) - 1)
    exact = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    return TruthValue(decimal(exact / HOUR_MS), None, None, len(ranked))
