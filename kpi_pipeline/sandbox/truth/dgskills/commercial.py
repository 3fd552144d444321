"""From qualified school to annual contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.dgskills import crm
from kpi_pipeline.sandbox.truth.dgskills.crm import DEMO, USP, Meeting, SchoolDeal
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, half_up, ratio
from kpi_pipeline.sandbox.world.model import World

PERCENT = Fraction(100)
COHORT_TIME = timedelta(seconds=56 * 86_400)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    qualified = crm.qualified(world, now)
    meetings = [each for each in crm.meetings(world, now) if each.kind == DEMO]
    deals = crm.deals(world, now)
    found: Series = {}

    def put(kpi: str, day: BusinessDay, value: TruthValue) -> None:
        found.setdefault(kpi, {})[day.day] = value

    for day in days:
        week, as_of = crm.week_start(world.zone, day.day), day.as_of
        four_weeks, quarter = day.days_back(28), day.days_back(91)
        put("new_leads", day, count(crm.between(qualified, week, as_of)))
        put("new_leads_month", day, count(crm.between(qualified, day.month_start(), as_of)))
        planned = [each for each in meetings if each.outcome not in ("CANCELED", "RESCHEDULED")]
        put("demos_planned", day, count(crm.between((each.starts_at for each in planned), week, as_of)))
        put("demos_booked", day, count(crm.between((each.created_at for each in meetings), week, as_of)))
        held = [each for each in meetings if each.held]
        put("demos_held", day, count(crm.between((each.starts_at for each in held), week, as_of)))
        demos = crm.between((each.starts_at for each in held), four_weeks, as_of)
        pilots = crm.between((deal.pilot_at for deal in deals), four_weeks, as_of)
        put("demo_to_pilot_conversion", day, ratio(pilots, demos, n=demos, scale=PERCENT))
        put("demo_to_pilot_cohort", day, _cohort(held, deals, day, week, now))
        put("pilot_to_contract_conversion", day, _contracts(deals, quarter, as_of))
        put("acv_closed_deals", day, _yearly(deals, quarter, as_of))
        put("acv_closed_deals_week", day, _yearly(deals, week, as_of))
        put("usp_resonance", day, _resonance(held, four_weeks, as_of))
        recorded = crm.between((each.starts_at for each in held if each.reasons), four_weeks, as_of)
        put("usp_resonance_coverage", day, ratio(recorded, demos, n=demos, scale=PERCENT))
    return found


def _cohort(
    held: list[Meeting], deals: list[SchoolDeal], day: BusinessDay, week: datetime, now: datetime
) -> TruthValue:
    """Demos of the week so far, and those of them after which the school began a pilot in time, as far as known."""
    cut = day.cut(now, COHORT_TIME)
    base = [each for each in held if week <= each.starts_at < day.as_of]
    converted = 0
    for demo in base:
        starts = [d.pilot_at for d in deals if d.school == demo.school and d.pilot_at and d.pilot_at >= demo.starts_at]
        if starts and min(starts) - demo.starts_at <= COHORT_TIME and min(starts) < cut:
            converted += 1
    return ratio(converted, len(base), n=len(base), scale=PERCENT)


def _contracts(deals: list[SchoolDeal], start: datetime, as_of: datetime) -> TruthValue:
    ended = [deal for deal in deals if deal.pilot_ended_at is not None and start <= deal.pilot_ended_at < as_of]
    signed = [deal for deal in ended if deal.annual and deal.closed_at is not None and deal.closed_at < as_of]
    return ratio(len(signed), len(ended), n=len(ended), scale=PERCENT)


def _yearly(deals: list[SchoolDeal], start: datetime, as_of: datetime) -> TruthValue:
    """Mean euros a year of the contracts signed in the span, each to the cent."""
    cents = [
        half_up(Fraction(deal.amount - deal.one_time) * 100 * 12 / deal.months)
        for deal in deals
        if deal.won and deal.months and deal.closed_at is not None and start <= deal.closed_at < as_of
    ]
    return ratio(sum(cents), len(cents), n=len(cents), scale=Fraction(1, 100))


def _resonance(held: Iterable[Meeting], start: datetime, as_of: datetime) -> TruthValue:
    told = [each for each in held if each.reasons and start <= each.starts_at < as_of]
    named = sum(1 for each in told if USP in each.reasons)
    return ratio(named, len(told), n=len(told), scale=PERCENT)
