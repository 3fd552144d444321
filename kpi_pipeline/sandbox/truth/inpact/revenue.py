"""Recurring revenue held against June 2025: who left, who came, who bought more, and on what kind of products."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay, local_date, midnight
from kpi_pipeline.sandbox.truth.recurring import Revenue, Shift
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, ratio
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.model.paperwork import known

REFERENCE_OVER = date(2025, 7, 1)
INDEXED_ON = date(2026, 1, 1)
AI_GOAL = 200_000
PERCENT = Fraction(100)
Amounts = dict[str, int]


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    books = _Books(world, now)
    found: Series = {}
    for day in days:
        for part in (_bridge, _indexation, _ai, _legacy):
            for kpi, value in part(books, day).items():
                found.setdefault(kpi, {})[day.day] = value
    return found


class _Books:
    """The changes of revenue, what customers held at the end of June 2025, and what products count as."""

    def __init__(self, world: World, now: datetime) -> None:
        self.zone = world.zone
        self.revenue = Revenue(world, now, group="line")
        self.base_at = midnight(world.zone, REFERENCE_OVER)
        self.base = self.revenue.at(self.base_at)
        self.whole = sum(self.base.values())
        self.first = self.revenue.first_paid()
        self.classes = known(world.product_classes, now)
        self.shifts = [shift for shift in self.revenue.shifts if shift.at < now]

    def classed(self, shift: Shift, kind: str) -> bool:
        day = local_date(self.zone, shift.at)
        return any(
            row.product == shift.product
            and row.kind == kind
            and row.valid_from <= day
            and (row.valid_until is None or day <= row.valid_until)
            for row in self.classes
        )

    def of_class(self, kind: str, instant: datetime) -> Amounts:
        """What customers hold of a class."""
        return self.revenue.at(instant, lambda shift: self.classed(shift, kind))

    def by_product(self, instant: datetime, kind: str | None = None) -> dict[tuple[str, str], int]:
        """What customers hold of each product, where asked only of those of a class."""
        held: dict[tuple[str, str], int] = defaultdict(int)
        for shift in self.shifts:
            if shift.at < instant and (kind is None or self.classed(shift, kind)):
                held[shift.customer, shift.product] += shift.delta
        return held


def _bridge(books: _Books, day: BusinessDay) -> dict[str, TruthValue]:
    base, current = books.base, books.revenue.at(day.as_of)
    lost = {customer: minor for customer, minor in base.items() if customer not in current}
    new = {customer: minor for customer, minor in current.items() if customer not in base}
    returning = {customer: minor for customer, minor in new.items() if books.first[customer] < books.base_at}
    more = {customer: minor - base[customer] for customer, minor in current.items() if customer in base}

    def share(amounts: Amounts) -> TruthValue:
        return ratio(sum(amounts.values()), books.whole, n=len(base), scale=PERCENT)

    parts = {"reference": base, "now": current, "lost": lost, "new": new, "net_upsell": more}
    sums = {f"mrr_{name}": _euros(sum(amounts.values()), len(amounts)) for name, amounts in parts.items()}
    explained = books.whole - sum(lost.values()) + sum(new.values()) + sum(more.values())
    gap = decimal(Fraction(sum(current.values()) - explained, 100))
    n = min(value.n or 0 for value in sums.values())
    return {
        "kpi01_revenue_churn": share(lost),
        "kpi02_new_business": share(new),
        "kpi02_returning": share(returning),
        "kpi03_cross_upsell_net": share(more),
        **sums,
        "mrr_bridge_gap": TruthValue(gap, None, None, n),
        "mrr_bridge": TruthValue(Decimal(gap == 0), None, None, n),
    }


def _indexation(books: _Books, day: BusinessDay) -> dict[str, TruthValue]:
    """Of products held before and after the day of the indexed list: what that day added."""
    before: dict[tuple[str, str], int] = defaultdict(int)
    added: dict[tuple[str, str], int] = defaultdict(int)
    for shift in books.shifts:
        on = local_date(books.zone, shift.at)
        if shift.at < day.as_of and on <= INDEXED_ON:
            (added if on == INDEXED_ON else before)[shift.customer, shift.product] += shift.delta
    kept = {key: minor for key, minor in added.items() if before[key] > 0 and before[key] + minor > 0}
    value = _euros(sum(kept.values()), len(kept))
    share = decimal(Fraction(sum(kept.values()), books.whole) * PERCENT)
    reference = decimal(Fraction(books.whole, 100))
    return {
        "kpi03_indexation_mrr": value,
        "kpi03_indexation": TruthValue(share, value.value, reference, min(len(kept), len(books.base))),
    }


def _ai(books: _Books, day: BusinessDay) -> dict[str, TruthValue]:
    then, current = books.of_class("ai", books.base_at), books.of_class("ai", day.as_of)
    moved = {each: current.get(each, 0) - then.get(each, 0) for each in {*then, *current}}
    moved = {customer: minor for customer, minor in moved.items() if minor}
    added = _euros(sum(moved.values()), len(moved))
    gained_ai, gained = _gained(books, day, "ai"), _gained(books, day, None)
    share = None
    if gained_ai.value is not None and gained.value:
        share = gained_ai.value * 100 / gained.value
    progress = None if added.value is None else added.value * 100 / AI_GOAL
    return {
        "kpi04_ai_share_new_revenue": TruthValue(progress, added.value, AI_GOAL, added.n),
        "kpi04b_ai_mrr_added": added,
        "kpi04a_ai_share": TruthValue(share, gained_ai.value, gained.value, min(gained_ai.n or 0, gained.n or 0)),
        "kpi04_gained_ai": gained_ai,
        "kpi04_gained": gained,
    }


def _gained(books: _Books, day: BusinessDay, kind: str | None) -> TruthValue:
    """What customers hold more of each product than in June 2025, what they hold less of left out."""
    then, current = books.by_product(books.base_at, kind), books.by_product(day.as_of, kind)
    more = {key: minor - then.get(key, 0) for key, minor in current.items() if minor > then.get(key, 0)}
    return _euros(sum(more.values()), len(more))


def _legacy(books: _Books, day: BusinessDay) -> dict[str, TruthValue]:
    legacy, successor = books.of_class("legacy", books.base_at), books.of_class("successor", day.as_of)
    whole = sum(legacy.values())
    converted = sum(minor for customer, minor in legacy.items() if customer in successor)
    replaced = sum(minor for customer, minor in successor.items() if customer in legacy)
    return {
        "kpi11_legacy_conversion": ratio(converted, whole, n=len(legacy), scale=PERCENT),
        "kpi11_successor_revenue": ratio(replaced, whole, n=len(legacy), scale=PERCENT),
    }


def _euros(minor: int, n: int) -> TruthValue:
    return TruthValue(decimal(Fraction(minor, 100)), minor, None, n)
