"""Leads of whole months followed through the stages of marketing and sales until today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, month_ends, month_starts, months_until, name
from kpi_pipeline.analytics.params import LeadFunnel

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

STAGES = ("marketing_qualified_at", "sales_qualified_at", "customer_at")


def rows(facts: FactTables, params: LeadFunnel, day: date) -> list[dict[str, Any]]:
    """A row a month of leads: month, leads, marketing_qualified, sales_qualified, customers."""
    end = end_of(day, facts.company.zone)
    last_whole = month_ends(day, 1)[0]
    months = months_until(last_whole, params.months)
    starts = month_starts(months[0], last_whole, facts.company.zone)
    people = facts.table("prospect")
    mine = people.filter((people.created_at >= starts[0][1]) & (people.created_at < starts[-1][1]))
    found = mine.select("created_at", *STAGES).to_pyarrow().to_pylist()
    return table(((row["created_at"], *(row[stage] for stage in STAGES)) for row in found), starts, end)


def table(
    people: Iterable[tuple[int, int | None, int | None, int | None]], starts: list[tuple[date, int]], end: int
) -> list[dict[str, Any]]:
    """Who came to a later stage came past the earlier ones, also where nobody wrote that down."""
    found = [
        {"month": name(month), "leads": 0, "marketing_qualified": 0, "sales_qualified": 0, "customers": 0}
        for month, _ in starts[:-1]
    ]
    for created, *stages in people:
        place = max(index for index, (_, instant) in enumerate(starts) if instant <= created)
        reached = max((number for number, at in enumerate(stages, start=1) if at is not None and at < end), default=0)
        row: dict[str, Any] = found[place]
        for number, column in enumerate(("leads", "marketing_qualified", "sales_qualified", "customers")):
            row[column] += reached >= number
    return found
