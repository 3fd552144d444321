"""Customers by the month of their first MRR: how many, and how much of their MRR, are left months later.

A customer belongs to the month in which MRR first was above nothing, and is left at the end of a month in which it is
above nothing then: who left and returned is left again. All changes of MRR count, exchange rates included, as in the
KPI of net revenue retention.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, month_starts, months_until, name
from kpi_pipeline.analytics.params import CustomerCohorts

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

Change = tuple[str, int, int, int]  # customer, when MRR was first above nothing, when it changed, by how much


def rows(facts: FactTables, params: CustomerCohorts, day: date) -> list[dict[str, int | str]]:
    """A row a cohort and month that is over: cohort, size, month, kept, mrr_minor, base_minor (MRR at month 0)."""
    end = end_of(day, facts.company.zone)
    changes = facts.table("mrr_change")
    known = changes.filter((changes.changed_at < end) & (changes.first_at < end))
    found = known.select("customer_id", "first_at", "changed_at", "delta_minor").to_pyarrow()
    months = months_until(day, params.cohorts)
    starts = month_starts(months[0], day, facts.company.zone)
    return table(zip(*(found[column].to_pylist() for column in found.column_names), strict=True), starts, end, params)


def table(
    changes: Iterable[Change], starts: Sequence[tuple[date, int]], end: int, params: CustomerCohorts
) -> list[dict[str, Any]]:
    """`starts`: every month that is asked for and the one after, with its first instant; `end`: until when is known.

    Cells whose month is not over at `end` are not there, which is not the same as nobody being left.
    """
    instants = [instant for _, instant in starts]
    first: dict[str, int] = {}
    moved: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for customer, first_at, changed_at, delta in changes:
        first[customer] = first_at
        # Changes before the first month asked for are in the level it begins with.
        moved[customer][bisect_right(instants, changed_at) - 1] += delta
    cohorts: dict[int, list[str]] = defaultdict(list)
    for customer, first_at in first.items():
        cohorts[bisect_right(instants, first_at) - 1].append(customer)
    found = []
    for place, customers in sorted(cohorts.items()):
        if place < 0:
            continue
        levels = [_levels(moved[customer], len(starts) - 1) for customer in customers]
        base: int | None = None
        for month in sorted({0, *params.months}):
            at = place + month
            if at + 1 >= len(instants) or instants[at + 1] > end:
                break
            held = [level[at] for level in levels if level[at] > 0]
            base = sum(held) if base is None else base
            if month in params.months:
                found.append(
                    {
                        "cohort": name(starts[place][0]),
                        "size": len(customers),
                        "month": month,
                        "kept": len(held),
                        "mrr_minor": sum(held),
                        "base_minor": base,
                    }
                )
    return found


def _levels(moved: dict[int, int], months: int) -> list[int]:
    """What a customer held at the end of each month."""
    level, found = moved.get(-1, 0), []
    for month in range(months):
        level += moved.get(month, 0)
        found.append(level)
    return found
