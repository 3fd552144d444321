"""Qualified deals won and lost by month of closing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, month_starts, months_until, name
from kpi_pipeline.analytics.params import WinLoss

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables


def rows(facts: FactTables, params: WinLoss, day: date) -> list[dict[str, Any]]:
    """A row a month, the running one to date included: month, won, lost, won_minor, lost_minor."""
    months = months_until(day, params.months)
    starts = month_starts(months[0], day, facts.company.zone)
    deals = facts.table("deal")
    closed = deals.filter(
        (deals.closed_at >= starts[0][1])
        & (deals.closed_at < end_of(day, facts.company.zone))
        & deals.qualified_at.notnull()
        & ~deals.duplicate
    )
    found = closed.select("closed_at", "won", "amount_minor").to_pyarrow().to_pylist()
    return table(((row["closed_at"], row["won"], row["amount_minor"]) for row in found), starts)


def table(deals: Iterable[tuple[int, bool, int | None]], starts: list[tuple[date, int]]) -> list[dict[str, Any]]:
    found = [{"month": name(month), "won": 0, "lost": 0, "won_minor": 0, "lost_minor": 0} for month, _ in starts[:-1]]
    for closed_at, won, amount in deals:
        row: dict[str, Any] = found[max(index for index, (_, instant) in enumerate(starts) if instant <= closed_at)]
        side = "won" if won else "lost"
        row[side] += 1
        row[f"{side}_minor"] += amount or 0
    return found
