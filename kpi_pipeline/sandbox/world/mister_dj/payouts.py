"""Payouts to the bank: every working day, what became available since the one before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import Payout, World

PAID_OUT_AT = time(6, 0, tzinfo=UTC)


def fill(world: World, scene: Scene) -> None:
    """Give every payment its payout; refunds lower the payout of the next working day."""
    amounts: dict[date, int] = defaultdict(int)
    for position, payment in enumerate(world.payments):
        if payment.available_on is None or payment.available_on >= scene.horizon:
            continue
        day = payment.available_on.date()
        amounts[day] += payment.settled - payment.fee
        world.payments[position] = replace(payment, payout_id=_id(scene, day))
    for refund in world.refunds:
        if refund.created_at < scene.horizon - 4 * DAY:
            amounts[_next_working_day(refund.created_at.date())] -= refund.settled
    for day, amount in sorted(amounts.items()):
        at = datetime.combine(day, PAID_OUT_AT)
        if at < scene.horizon:
            entry = token("txn_1", scene.seed, "payout", day)
            world.payouts.append(Payout(_id(scene, day), entry, amount, "eur", at, at + DAY))


def _id(scene: Scene, day: date) -> str:
    return token("po_1", scene.seed, "payout", day)


def _next_working_day(day: date) -> date:
    day += DAY
    while day.weekday() >= 5:
        day += DAY
    return day
