"""Trials: how many start, how many of them become paid, and how long that takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    DAY_MS,
    PERCENT,
    every,
    inside,
    month,
    percentile,
    rolling,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, ratio
from kpi_pipeline.sandbox.world.model import Subscription, World

SETTLES = timedelta(days=28)
PAYS_WITHIN = timedelta(days=14)
PER_DAY = Fraction(1, DAY_MS)
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Trial:
    """The first trial of a customer, and when that customer first paid anything."""

    started_at: datetime
    ended_at: datetime
    paid_at: datetime | None


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    trials = first_trials(world, now)
    return {
        "trial_signups": every(days, lambda day: count(sum(inside(each.started_at, month(day)) for each in trials))),
        "trial_to_paid": every(days, lambda day: _by_start(trials, day, now)),
        "trial_to_paid_7d": every(days, lambda day: _by_end(trials, rolling(day, 7))),
        "trial_to_paid_30d": every(days, lambda day: _by_end(trials, rolling(day, 30))),
        "sales_cycle_length": every(days, lambda day: _mean(_cycles(trials, month(day)))),
        "sales_cycle_length_median": every(
            days, lambda day: percentile(_cycles(trials, month(day)), Fraction(1, 2), PER_DAY)
        ),
    }


def first_trials(world: World, now: datetime) -> list[Trial]:
    """One a customer; the biller's customers of one company of the CRM are one customer."""
    customers = {row.id: row.id if row.organisation_id is None else str(row.organisation_id) for row in world.customers}
    paid = _first_payments(world, customers.__getitem__, now)
    found: dict[str, Subscription] = {}
    for life in sorted(world.subscriptions, key=lambda each: (each.trial_start or now, each.id)):
        if life.trial_start is not None and life.trial_start <= now:
            found.setdefault(customers[life.customer_id], life)
    trials = []
    for customer, life in found.items():
        if life.trial_start is None or life.trial_end is None:
            continue
        ended = life.trial_end
        if life.ended_at is not None and life.ended_at <= now:
            ended = min(ended, life.ended_at)
        trials.append(Trial(life.trial_start, ended, paid.get(customer)))
    return trials


def _first_payments(world: World, owner: Callable[[str], str], now: datetime) -> dict[str, datetime]:
    """When each customer first had an invoice paid of more than nothing."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for invoice in world.invoices:
        if invoice.paid_at is not None and invoice.paid_at <= now and any(each.amount > 0 for each in invoice.payments):
            found[owner(invoice.customer_id)].append(invoice.paid_at)
    return {customer: min(instants) for customer, instants in found.items()}


def _by_start(trials: list[Trial], day: BusinessDay, now: datetime) -> TruthValue:
    """Trials begun in the month that have ended by four weeks after the day, and those paid in time by then."""
    cut = day.cut(now, SETTLES)
    ended = [each for each in trials if inside(each.started_at, month(day)) and each.ended_at < cut]
    paid = sum(
        1
        for each in ended
        if each.paid_at is not None and each.paid_at < cut and each.paid_at - each.ended_at <= PAYS_WITHIN
    )
    return ratio(paid, len(ended), n=len(ended), scale=PERCENT)


def _by_end(trials: list[Trial], window: Window) -> TruthValue:
    ended = [each for each in trials if inside(each.ended_at, window)]
    paid = sum(1 for each in ended if each.paid_at is not None and each.paid_at < window[1])
    return ratio(paid, len(ended), n=len(ended), scale=PERCENT)


def _cycles(trials: list[Trial], window: Window) -> list[int]:
    """Milliseconds from the trial's start to the first payment, by when that was; who paid before has no cycle."""
    return [
        milliseconds(each.paid_at - each.started_at)
        for each in trials
        if each.paid_at is not None and inside(each.paid_at, window) and each.paid_at >= each.started_at
    ]


def _mean(took: list[int]) -> TruthValue:
    return ratio(sum(took), len(took), n=len(took), scale=PER_DAY)
