"""The items of one KPI's milestones and how they stand: done, ahead of schedule, on track, needing attention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.params import Initiatives
from kpi_pipeline.metrics.windows import day_index, day_of_index

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

DONE, AHEAD, ON_TRACK, ATTENTION = "done", "ahead", "on_track", "needs_attention"


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of an item, days as counts since 1970-01-01. `status` is what people wrote of it."""

    item: str
    name: str
    weight: int
    planned: int | None
    actual: int | None
    status: str | None


def rows(facts: FactTables, params: Initiatives, day: date) -> list[dict[str, Any]]:
    """A row an item: item, name, state, done and of (weights), next (day of the next open milestone, or null)."""
    steps = facts.table("milestone")
    mine = steps.filter(steps.kpi == params.kpi)
    found = mine.select("item", "item_name", "weight_e2", "planned_day", "actual_day", "status")
    return table((Step(*row.values()) for row in found.to_pyarrow().to_pylist()), day)


def table(steps: Iterable[Step], day: date) -> list[dict[str, Any]]:
    """An open milestone that people call so, or that is overdue, makes an item need attention."""
    today = day_index(day)
    items: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        items[step.item].append(step)
    found = []
    for item, mine in sorted(items.items()):
        still = [step for step in mine if step.actual is None or step.actual > today]
        ahead = sorted(step.planned for step in still if step.planned is not None)
        found.append(
            {
                "item": item,
                "name": mine[0].name,
                "state": _state(still, today),
                "done": sum(step.weight for step in mine if step not in still),
                "of": sum(step.weight for step in mine),
                "next": day_of_index(ahead[0]).isoformat() if ahead else None,
            }
        )
    return found


def _state(still: list[Step], today: int) -> str:
    if not still:
        return DONE
    if any(step.status == ATTENTION or (step.planned is not None and step.planned < today) for step in still):
        return ATTENTION
    return AHEAD if any(step.status == AHEAD for step in still) else ON_TRACK
