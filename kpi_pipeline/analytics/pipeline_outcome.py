"""What came of the deals that were open at the end of each month: how good the probabilities of the stages are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, month_ends, name
from kpi_pipeline.analytics.params import PipelineOutcome

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

Step = tuple[int, int | None]  # when a deal entered a stage, and the probability of that stage in ten thousandths


@dataclass(frozen=True, slots=True)
class Chance:
    """A deal: from when to when it was open (None: still), whether it was won, and its amount in minor units."""

    deal_id: str
    created_at: int
    open_until: int | None
    won: bool
    amount_minor: int


def rows(facts: FactTables, params: PipelineOutcome, day: date) -> list[dict[str, Any]]:
    """A row a month: month, deals, amount_minor, weighted_minor, won, won_minor, lost, still_open.

    `weighted_minor` is by the stage in which each deal was at the end of the month, and by its amount and the
    probability of the stage as they are now; won, lost and still open as of the end of `day`. Deals marked as the same
    as another one are left out.
    """
    zone = facts.company.zone
    deals, steps = facts.table("deal"), facts.table("deal_step")
    found = deals.filter(~deals.duplicate).select("deal_id", "created_at", "open_until_at", "won", "amount_minor")
    chances = [
        Chance(row["deal_id"], row["created_at"], row["open_until_at"], bool(row["won"]), row["amount_minor"] or 0)
        for row in found.to_pyarrow().to_pylist()
    ]
    way: dict[str, list[Step]] = defaultdict(list)
    for row in steps.select("deal_id", "entered_at", "probability_e4").to_pyarrow().to_pylist():
        way[row["deal_id"]].append((row["entered_at"], row["probability_e4"]))
    ends = [(last, end_of(last, zone)) for last in month_ends(day, params.months)]
    return table(chances, way, ends, end_of(day, zone))


def table(
    deals: Iterable[Chance], way: Mapping[str, Sequence[Step]], ends: Sequence[tuple[date, int]], until: int
) -> list[dict[str, Any]]:
    """`ends`: the last day of each month with the first instant after it; `until`: until when outcomes are known."""
    known = list(deals)
    found = []
    for last, end in ends:
        then = [each for each in known if each.created_at < end and (each.open_until is None or each.open_until >= end)]
        decided = [each for each in then if each.open_until is not None and each.open_until < until]
        won = [each for each in decided if each.won]
        found.append(
            {
                "month": name(last),
                "deals": len(then),
                "amount_minor": sum(each.amount_minor for each in then),
                "weighted_minor": sum(_weighted(each, way.get(each.deal_id, ()), end) for each in then),
                "won": len(won),
                "won_minor": sum(each.amount_minor for each in won),
                "lost": len(decided) - len(won),
                "still_open": len(then) - len(decided),
            }
        )
    return found


def _weighted(deal: Chance, way: Sequence[Step], end: int) -> int:
    """By the stage it was in at `end`, rounded down; nothing where its stage then is not known."""
    before = [step for step in way if step[0] < end]
    probability = max(before, key=lambda step: step[0])[1] if before else None
    return deal.amount_minor * (probability or 0) // 10_000
