"""Billing periods and what a period costs, as Stripe computes them: whole minor units, halves away from zero."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.world.model import Coupon, Price

FIXED = {"day": timedelta(days=1), "week": timedelta(days=7)}
MONTHS = {"month": 1, "year": 12}
SECOND = timedelta(seconds=1)


def plus_months(anchor: datetime, months: int) -> datetime:
    """The same day and time of another month, its last day where it is shorter (31 January, 28 February, 31 March)."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def boundary(anchor: datetime, price: Price, number: int) -> datetime:
    """The start of the period `number` periods after the one that starts at `anchor`."""
    count = (price.interval_count or 1) * number
    interval = price.interval or "month"
    return anchor + FIXED[interval] * count if interval in FIXED else plus_months(anchor, MONTHS[interval] * count)


def next_boundary(anchor: datetime, price: Price, at: datetime) -> datetime:
    """The first start of a period after `at`."""
    number = 0
    interval = price.interval or "month"
    if interval in FIXED:
        number = max(0, (at - anchor) // (FIXED[interval] * (price.interval_count or 1)))
    while (found := boundary(anchor, price, number)) <= at:
        number += 1
    return found


def half_up(exact: Fraction | Decimal) -> int:
    """To the nearest whole number, halves away from zero."""
    exact = Fraction(exact)
    whole = (abs(exact) + Fraction(1, 2)).__floor__()
    return whole if exact >= 0 else -whole


def tier_parts(price: Price, quantity: int) -> list[tuple[int, int]]:
    """(units, unit amount) by tier: several for graduated prices, one for volume prices."""
    parts, below = [], 0
    for up_to, unit in price.tiers:
        inside = quantity if up_to is None else min(quantity, up_to)
        if price.tiers_mode == "volume":
            if inside == quantity:
                return [(quantity, unit)]
        elif inside > below:
            parts.append((inside - below, unit))
        below = max(below, inside)
    return parts


def cost(price: Price, quantity: int) -> int:
    """What one period of `quantity` costs, before discount."""
    if price.tiers:
        return sum(units * unit for units, unit in tier_parts(price, quantity))
    return half_up(Decimal(price.unit_amount_decimal or 0) * quantity)


def discounts_of(coupon: Coupon | None, costs: list[int]) -> list[int]:
    """What a coupon takes off each of several costs: a percentage, or a share of its amount, never more than all."""
    if coupon is None:
        return [0] * len(costs)
    if coupon.percent_off is not None:
        return [half_up(Fraction(coupon.percent_off) * each / 100) for each in costs]
    total = sum(costs)
    return [min(each, half_up(Fraction((coupon.amount_off or 0) * each, total))) if total else 0 for each in costs]


def without_tax(gross: int, percentage: Decimal) -> int:
    """The net part of an amount that includes tax."""
    return half_up(Fraction(gross * 100) / Fraction(100 + percentage))


def share(amount: int, start: datetime, end: datetime, since: datetime) -> int:
    """What is left of an amount for [start, end) from `since` on, by the second."""
    return half_up(Fraction(amount * ((end - since) // SECOND), (end - start) // SECOND))


def once_until(starts: datetime, trial_days: int) -> datetime:
    """When a discount for one invoice is used up."""
    return starts + timedelta(days=trial_days, hours=2)
