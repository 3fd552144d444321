"""Deals in the CRM: won and lost, what they are worth a year, how long they take, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    CENTS,
    DAY_MS,
    PERCENT,
    amount,
    complete_months,
    days_of,
    every,
    inside,
    month,
    month_ends_before,
    rolling,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, half_up, ratio
from kpi_pipeline.sandbox.world.model import Deal, World

QUALIFIED = "qualifiedtobuy"
CONTENT = ("organic_search", "social_media")
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Sale:
    """A deal that is no duplicate, in cents of the company's currency."""

    created_at: datetime
    qualified_at: datetime | None
    closed_at: datetime | None
    won: bool
    kind: str
    touch: str
    value: int
    one_time: int
    yearly: int


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    sales = known_sales(world, now)
    with_months = days_of(
        world.zone, {day.day for day in days} | {end for day in days for end in month_ends_before(day.day, 1)}, now
    )
    return {
        "win_rate": every(days, lambda day: _won_share(sales, month(day))),
        "win_rate_90d": every(days, lambda day: _won_share(sales, rolling(day, 90))),
        "average_contract_value": every(days, lambda day: _yearly(sales, month(day))),
        "average_contract_value_90d": every(days, lambda day: _yearly(sales, rolling(day, 90))),
        "deal_cycle_length_90d": every(days, lambda day: _cycle(sales, rolling(day, 90))),
        "qualified_open_deals": every(days, lambda day: count(len(_open(sales, day)))),
        "open_pipeline": every(days, lambda day: _pipeline(_open(sales, day))),
        "bookings": every(with_months, lambda day: _bookings(sales, month(day))),
    }


def known_sales(world: World, now: datetime) -> list[Sale]:
    sources = {lead.id: lead.source for lead in world.leads}
    found = []
    for deal in world.deals:
        if deal.created_at > now or passed(deal.archived_at, now) or deal.properties.get("is_duplicate") == "true":
            continue
        found.append(_sale(deal, sources, now))
    return found


def content_revenue(sales: list[Sale], day: BusinessDay) -> int:
    """First-year revenue, in cents, of what was won in the 12 complete months and began with content."""
    window = complete_months(day, 12)
    return sum(
        sale.yearly + sale.one_time
        for sale in sales
        if sale.won and inside(sale.closed_at, window) and sale.touch in CONTENT
    )


def _sale(deal: Deal, sources: dict[int, str], now: datetime) -> Sale:
    closed = deal.closed_at if passed(deal.closed_at, now) else None
    qualified = [at for stage, at in deal.stages if stage == QUALIFIED and at <= now]
    one_time = half_up(Fraction(deal.properties["one_time_amount"]) * 100)
    value = half_up(Fraction(deal.amount) * 100)
    if deal.currency != "USD":
        home = half_up(Fraction(deal.amount_home) * 100)
        one_time, value = half_up(Fraction(one_time * home, value)), home
    return Sale(
        created_at=deal.created_at,
        qualified_at=min(qualified) if qualified else None,
        closed_at=closed,
        won=closed is not None and bool(deal.won),
        kind=deal.deal_type,
        touch=sources[deal.lead_id] if deal.lead_id is not None else "",
        value=value,
        one_time=one_time,
        yearly=half_up(Fraction((value - one_time) * 12, int(deal.properties["contract_months"]))),
    )


def _won_share(sales: list[Sale], window: Window) -> TruthValue:
    closed = [sale for sale in sales if inside(sale.closed_at, window) and sale.qualified_at is not None]
    won = sum(1 for sale in closed if sale.won)
    return ratio(won, len(closed), n=len(closed), scale=PERCENT)


def _yearly(sales: list[Sale], window: Window) -> TruthValue:
    won = [sale.yearly for sale in sales if sale.won and inside(sale.closed_at, window)]
    return ratio(sum(won), len(won), n=len(won), scale=CENTS)


def _cycle(sales: list[Sale], window: Window) -> TruthValue:
    took = [
        milliseconds(sale.closed_at - sale.created_at)
        for sale in sales
        if sale.won and sale.closed_at is not None and inside(sale.closed_at, window)
    ]
    return ratio(sum(took), len(took), n=len(took), scale=Fraction(1, DAY_MS))


def _open(sales: list[Sale], day: BusinessDay) -> list[Sale]:
    return [
        sale
        for sale in sales
        if sale.qualified_at is not None
        and sale.qualified_at < day.as_of
        and (sale.closed_at is None or sale.closed_at >= day.as_of)
    ]


def _pipeline(sales: list[Sale]) -> TruthValue:
    return amount(sum(sale.value for sale in sales), len(sales))


def _bookings(sales: list[Sale], window: Window) -> TruthValue:
    """New business and more of it, renewals left out."""
    won = [sale.value for sale in sales if sale.won and inside(sale.closed_at, window) and sale.kind != "renewal"]
    return amount(sum(won), len(won))
