"""What customers hold at an instant: their MRR, and the plan that makes up most of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables


@dataclass(frozen=True, slots=True)
class Held:
    mrr_minor: int
    plan: str


def held_at(facts: FactTables, end: int) -> dict[str, Held]:
    """Customer → what it holds just before the instant `end`; customers without MRR are not there.

    Of two plans with equal MRR the first by name counts.
    """
    changes = facts.table("mrr_change")
    known = changes.filter(changes.changed_at < end)
    levels = known.group_by("customer_id", "product").agg(level=known.delta_minor.sum())
    found: dict[str, list[tuple[int, str]]] = {}
    for row in levels.to_pyarrow().to_pylist():
        if row["level"]:
            found.setdefault(row["customer_id"], []).append((-int(row["level"]), row["product"]))
    return {
        customer: Held(-sum(level for level, _ in parts), min(parts)[1])
        for customer, parts in found.items()
        if sum(level for level, _ in parts) < 0
    }
