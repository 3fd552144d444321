"""Support tickets that needed a developer, and what was measured before the helpdesk kept them."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import HelpdeskTicket, ScorecardEntry, World
from kpi_pipeline.sandbox.world.model.paperwork import known

LINES = ("RPA", "AWI")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    tickets = [ticket for ticket in world.product.tickets if ticket.created_at <= now and ticket.product_line in LINES]
    reported = known(world.scorecard, now)
    found: Series = {"kpi23_dev_escalation": {}}
    for day in days:
        created = [ticket for ticket in tickets if day.month_start() <= ticket.created_at < day.as_of]
        found["kpi23_dev_escalation"][day.day] = _share(created)
        for line in LINES:
            mine = [ticket for ticket in created if ticket.product_line == line]
            found.setdefault(f"kpi23_dev_escalation_{line.lower()}", {})[day.day] = _share(mine)
            found.setdefault(f"kpi23_history_{line.lower()}", {})[day.day] = _reported(reported, line, day)
    return found


def _share(tickets: list[HelpdeskTicket]) -> TruthValue:
    involved = sum(1 for ticket in tickets if ticket.developer_involved)
    return ratio(involved, len(tickets), n=len(tickets), scale=Fraction(100))


def _reported(entries: list[ScorecardEntry], line: str, day: BusinessDay) -> TruthValue:
    """The figure of the period that ended last."""
    last: ScorecardEntry | None = None
    for entry in entries:
        if entry.kpi_id != "kpi23_dev_escalation" or entry.segment != line or entry.period_end > day.day:
            continue
        if last is None or (last.period_end, last.period_start) < (entry.period_end, entry.period_start):
            last = entry
    if last is None:
        return TruthValue(None, None, None, 0)
    return TruthValue(last.value, None, None, 1)
