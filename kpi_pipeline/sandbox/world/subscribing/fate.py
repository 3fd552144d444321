"""What becomes of an arrival: a life drawn month by month, and a second one of those who come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.model import Price, World
from kpi_pipeline.sandbox.world.subscribing.cycles import boundary, plus_months
from kpi_pipeline.sandbox.world.subscribing.life import Change, Items, Life, Pause

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances a month, unless said otherwise. Yearly and longer plans leave and pay late only at their renewal, with
    the chance of all its months."""

    churn: float = 0.02
    expand: float = 0.03  # a larger quantity
    contract: float = 0.008
    upgrade: float = 0.008  # the next rung of the ladder
    downgrade: float = 0.002
    late: float = 0.03
    never_pays: float = 0.002
    pause: float = 0.002
    at_once: float = 0.15  # share of leavers who end at once instead of at the end of the period
    returns: float = 0.12  # share of leavers who come back 1 to 7 months later
    lapse: float = 0.5  # share of trials that end without payment


def live(world: World, seed: int, arrival: Life, rates: Rates, ladder: Sequence[str] = ()) -> list[Life]:
    """The arrival's whole life, and the next one if the customer leaves and returns.

    `ladder`: price ids of one interval and currency, cheapest first, that the first item moves along.
    """
    prices = {price.id: price for price in world.prices}
    life, ended = _draw(world, seed, arrival, rates, ladder, prices)
    r = stream(seed, "return", arrival.key)
    if ended is None or r.random() >= rates.returns:
        return [life]
    back = ended + timedelta(days=30 + int(180 * r.random()), hours=int(9 * r.random()))
    if back >= world.horizon:
        return [life]
    again = replace(arrival, key=f"{arrival.key}-again", starts=back, trial_days=0, lapses=False, coupon=None,
                    coupon_from=None)  # fmt: skip
    return [life, _draw(world, seed, again, rates, ladder, prices)[0]]


def _draw(
    world: World, seed: int, life: Life, rates: Rates, ladder: Sequence[str], prices: dict[str, Price]
) -> tuple[Life, datetime | None]:
    """The life and, if it ends, when."""
    price = prices[life.items[0][0]]
    anchor = life.starts + timedelta(days=life.trial_days)
    if life.trial_days and stream(seed, "trial", life.key).random() < rates.lapse:
        return replace(life, lapses=True), anchor
    items, changes, late, pauses = life.items, list(life.changes), list(life.late), list(life.pauses)
    months = {"month": 1, "year": 12}.get(price.interval or "month", 1) * (price.interval_count or 1)
    quiet_until = anchor
    for number in range(1, 600):
        begin, end = plus_months(anchor, number - 1), plus_months(anchor, number)
        if begin >= world.horizon:
            break
        r = stream(seed, "month", life.key, number)
        renews = number % months == 0
        fate = _leaves(r, rates, months) if renews and price.interval in ("month", "year") else ""
        if fate == "never_pays":
            return _told(life, changes, late, pauses, never_pays_from=end), end + life.patience_days * DAY
        moment = _within(r, begin, end)
        if fate == "leaves":
            return _told(life, changes, late, pauses, cancel_requested=moment), end
        if fate == "at_once":
            return _told(life, changes, late, pauses, ends=moment), moment
        if renews and r.random() < rates.late:
            late.append((end, 2 + int(9 * r.random())))
        if months == 1 and end >= quiet_until and r.random() < rates.pause:
            quiet_until = boundary(anchor, price, number + 1 + int(2 * r.random()))
            pauses.append(("keep_as_draft" if r.random() < 0.3 else "void", end, quiet_until))
            continue
        new = _grown(r, items, rates, ladder) if moment > quiet_until and begin >= quiet_until else items
        if new != items:
            changes.append(Change(moment, new, invoice_now=months > 1 or r.random() < 0.5))
            items = new
    return _told(life, changes, late, pauses), None


def _told(life: Life, changes: list[Change], late: list[tuple[datetime, int]], pauses: list[Pause], **end: Any) -> Life:
    return replace(life, changes=tuple(changes), late=tuple(late), pauses=tuple(pauses), **end)


def _leaves(r: Random, rates: Rates, months: int) -> str:
    leaves = 1 - (1 - rates.churn) ** months
    fails = 1 - (1 - rates.never_pays) ** months
    draw = r.random()
    if draw < fails:
        return "never_pays"
    if draw < fails + leaves:
        return "at_once" if r.random() < rates.at_once else "leaves"
    return ""


def _within(r: Random, begin: datetime, end: datetime) -> datetime:
    """A whole second in the middle of a month, so that neighbouring events never touch."""
    seconds = (end - begin) // timedelta(seconds=1)
    return begin + timedelta(seconds=int(seconds * (0.1 + 0.8 * r.random())))


def _grown(r: Random, items: Items, rates: Rates, ladder: Sequence[str]) -> Items:
    """The items with another quantity or rung of the first, or as they are."""
    price_id, quantity = items[0]
    draw = r.random()
    rung = ladder.index(price_id) if price_id in ladder else -1
    if quantity is not None and draw < rates.expand:
        return ((price_id, quantity + 1 + int(r.random() * max(1, quantity / 2))), *items[1:])
    draw -= rates.expand
    if quantity is not None and 0 <= draw < rates.contract and quantity > 1:
        return ((price_id, quantity - 1 - int(r.random() * (quantity - 1) / 2)), *items[1:])
    draw -= rates.contract
    if 0 <= draw < rates.upgrade and 0 <= rung < len(ladder) - 1:
        return ((ladder[rung + 1], quantity), *items[1:])
    draw -= rates.upgrade
    if 0 <= draw < rates.downgrade and rung > 0:
        return ((ladder[rung - 1], quantity), *items[1:])
    return items
