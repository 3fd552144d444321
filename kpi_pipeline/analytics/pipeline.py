"""Open deals by the month in which they are expected to close, with their amounts weighted by their stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpi_pipeline.analytics.days import end_of
from kpi_pipeline.analytics.params import Pipeline

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

OVERDUE, UNDATED = "overdue", "undated"
Open = tuple[int | None, str | None, int | None, int | None, int | None]


def rows(facts: FactTables, params: Pipeline, day: date) -> list[dict[str, Any]]:  # noqa: ARG001 - it has none
    """A row a month and stage: month (or overdue, undated), stage, place, deals, amount_minor, weighted_minor.

    Deals marked as the same as another one are left out. What is expected is as the CRM says it now.
    """
    end = end_of(day, facts.company.zone)
    deals, outlook = facts.table("deal"), facts.table("deal_outlook")
    is_open = deals.open_until_at.isnull() | (deals.open_until_at >= end)
    found = deals.filter((deals.created_at < end) & is_open & ~deals.duplicate).join(outlook, "deal_id")
    columns = ("expected_at", "stage_name", "stage_place", "probability_e4", "amount_minor")
    opened = found.select(*columns).to_pyarrow().to_pylist()
    return table((tuple(row[each] for each in columns) for row in opened), day, facts.company.zone)


def table(deals: Iterable[Open], day: date, zone: str) -> list[dict[str, Any]]:
    """A weighted amount is rounded down to the minor unit, deal by deal; a deal without amount counts with nothing."""
    groups: dict[tuple[str, int, str], list[tuple[int, int]]] = defaultdict(list)
    for expected, stage, place, probability, amount in deals:
        value = amount or 0
        key = (_month(expected, day, zone), -1 if place is None else place, stage or "")
        groups[key].append((value, value * (probability or 0) // 10_000))
    order = {OVERDUE: "", UNDATED: "~"}  # before and after every month
    found = sorted(groups.items(), key=lambda item: (order.get(item[0][0], item[0][0]), *item[0]))
    return [
        {
            "month": month,
            "stage": stage,
            "place": place,
            "deals": len(each),
            "amount_minor": sum(value for value, _ in each),
            "weighted_minor": sum(weighted for _, weighted in each),
        }
        for (month, place, stage), each in found
    ]


def _month(expected: int | None, day: date, zone: str) -> str:
    if expected is None:
        return UNDATED
    local = datetime.fromtimestamp(expected // 1000, UTC).astimezone(ZoneInfo(zone)).date()
    return OVERDUE if local <= day else f"{local:%Y-%m}"
