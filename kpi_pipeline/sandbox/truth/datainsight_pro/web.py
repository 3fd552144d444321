"""Visitors of the website, as Google Analytics had counted them by now."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from kpi_pipeline.sandbox.truth.datainsight_pro.counting import PERCENT, every
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import World

ORGANIC = "Organic Search"


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    sessions: dict[tuple[date, str], int] = {}
    for row in world.web_days:
        counted = [traffic.sessions for traffic in row.counted if traffic.at <= now]
        if counted:
            sessions[row.day, row.channel] = counted[-1]
    visitors: dict[date, int] = {}
    for reach in world.web_reach:
        seen = [users for at, users in reach.counted if at <= now]
        if seen:
            visitors[reach.day] = seen[-1]
    return {
        "organic_traffic_share": every(days, lambda day: _organic(sessions, day)),
        "website_visitors_to_date": every(days, lambda day: _visitors(visitors, day)),
    }


def _organic(sessions: dict[tuple[date, str], int], day: BusinessDay) -> TruthValue:
    first = day.day.replace(day=1)
    month = {key: number for key, number in sessions.items() if first <= key[0] <= day.day}
    organic = sum(number for (_, channel), number in month.items() if channel == ORGANIC)
    total = sum(month.values())
    return ratio(organic, total, n=total, scale=PERCENT)


def _visitors(visitors: dict[date, int], day: BusinessDay) -> TruthValue:
    if day.day not in visitors:
        return TruthValue(Decimal(0), 0, None, 0)
    return TruthValue(Decimal(visitors[day.day]), visitors[day.day], None, 1)
