"""Conversion of leads into bookings, and net revenue per booking."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.booked import PaidBooking, paid_bookings
from kpi_pipeline.sandbox.truth.crm import KnownLead, leads
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import World

WINDOW_DAYS = 30
COHORT_TIME = timedelta(seconds=30 * 86_400)
PERCENT = Fraction(100)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    known = leads(world, now)
    paid = paid_bookings(world, known, now)
    found: Series = {
        "lead_to_booking_conversion": {},
        "lead_to_booking_conversion_cohort": {},
        "unattributed_bookings": {},
        "net_revenue_per_booking": {},
        "deposit_only_bookings": {},
    }
    for day in days:
        start, as_of = day.days_back(WINDOW_DAYS), day.as_of
        standing = [b for b in paid if start <= b.first_paid_at < as_of and b.stands(as_of)]
        attributed = [b for b in standing if b.lead_was_qualified]
        qualified = sum(1 for lead in known.values() if lead.qualified_at and start <= lead.qualified_at < as_of)
        deposits = [b for b in attributed if b.paid_in_full_at is None or b.paid_in_full_at >= as_of]
        unattributed = [b for b in standing if b.lead is None]
        found["lead_to_booking_conversion"][day.day] = ratio(len(attributed), qualified, n=qualified, scale=PERCENT)
        found["lead_to_booking_conversion_cohort"][day.day] = _cohort(known, paid, day)
        found["unattributed_bookings"][day.day] = count(len(unattributed))
        found["net_revenue_per_booking"][day.day] = _net_revenue(paid, len(attributed), start, as_of)
        found["deposit_only_bookings"][day.day] = count(len(deposits))
    return found


def _cohort(known: dict[int, KnownLead], paid: list[PaidBooking], day: BusinessDay) -> TruthValue:
    """Leads qualified in the window before this one, and those of them that booked within 30 x 24 hours."""
    start, end = day.days_back(2 * WINDOW_DAYS), day.days_back(WINDOW_DAYS)
    base = {lead.id: at for lead in known.values() if (at := lead.qualified_at) is not None and start <= at < end}
    booked = set()
    for booking in paid:
        if booking.lead is None or booking.lead.id not in base or not booking.stands(day.as_of):
            continue
        in_time = booking.first_paid_at - base[booking.lead.id] < COHORT_TIME
        if in_time and booking.first_paid_at < day.as_of:
            booked.add(booking.lead.id)
    return ratio(len(booked), len(base), n=len(base), scale=PERCENT)


def _net_revenue(paid: list[PaidBooking], bookings: int, start: datetime, as_of: datetime) -> TruthValue:
    """EUR a booking: contracted net of what was first paid in the window, less what was given back in it."""
    minor = 0
    for booking in paid:
        if booking.lead_was_qualified:
            if start <= booking.first_paid_at < as_of:
                minor += booking.net
            minor -= sum(back.net for back in booking.given_back if start <= back.at < as_of)
    return ratio(minor, bookings, n=bookings, scale=Fraction(1, 100))
