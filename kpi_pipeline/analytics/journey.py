"""What became of accounts after they signed up: their first step, how much they used, and whether they paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import DAY_MS, end_of
from kpi_pipeline.analytics.params import Journey

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

FIRST_STEP, USE, DECIDED = 7 * DAY_MS, 30 * DAY_MS, 45 * DAY_MS
SIGNED_UP, NOTHING, PAYING, NOT_PAYING = "signed_up", "nothing", "paying", "not_paying"


@dataclass(frozen=True, slots=True)
class Life:
    """An account: when it signed up, when it first used each feature, and whether it paid at day 45."""

    signed_up_at: int
    firsts: Mapping[str, int]
    paying: bool


def rows(facts: FactTables, params: Journey, day: date) -> list[dict[str, Any]]:
    """A row a step that somebody took: stage (from which), source, target, accounts."""
    zone = facts.company.zone
    until = end_of(day - timedelta(days=45), zone)
    since = end_of(day - timedelta(days=45 + params.days), zone)
    accounts = facts.table("account")
    signed = accounts.filter((accounts.signed_up_at >= since) & (accounts.signed_up_at < until))
    signed = signed.select("account_id", "company_id", "signed_up_at")
    use = facts.table("usage_day")
    use = use.filter(use.event.isin(list(params.features)))
    first = use.group_by("account_id", "event").agg(first_at=use.first_at.min())
    firsts: dict[str, dict[str, int]] = {}
    for row in first.join(signed, "account_id").select("account_id", "event", "first_at").to_pyarrow().to_pylist():
        firsts.setdefault(row["account_id"], {})[row["event"]] = row["first_at"]
    changes = facts.table("mrr_change")
    bought = changes.join(signed, changes.customer_id == signed.company_id)
    bought = bought.filter(bought.changed_at < bought.signed_up_at + DECIDED)
    paying = bought.group_by("account_id").agg(level=bought.delta_minor.sum())
    payers = {row["account_id"] for row in paying.to_pyarrow().to_pylist() if row["level"] > 0}
    lives = [
        Life(row["signed_up_at"], firsts.get(row["account_id"], {}), row["account_id"] in payers)
        for row in signed.to_pyarrow().to_pylist()
    ]
    return table(lives)


def table(lives: Iterable[Life]) -> list[dict[str, Any]]:
    """Steps in order of stage and of how many took them."""
    steps: Counter[tuple[int, str, str]] = Counter()
    for life in lives:
        stations = (SIGNED_UP, _first_step(life), _breadth(life), PAYING if life.paying else NOT_PAYING)
        steps.update((stage, stations[stage], stations[stage + 1]) for stage in range(len(stations) - 1))
    return [
        {"stage": stage, "source": source, "target": target, "accounts": count}
        for (stage, source, target), count in sorted(steps.items(), key=lambda item: (item[0][0], -item[1], item[0]))
    ]


def _first_step(life: Life) -> str:
    """The feature used first, within a week; of two at one instant the first by name."""
    early = [(at, name) for name, at in life.firsts.items() if at < life.signed_up_at + FIRST_STEP]
    return min(early)[1] if early else NOTHING


def _breadth(life: Life) -> str:
    """How many features were used within 30 days, in words that sort."""
    count = sum(at < life.signed_up_at + USE for at in life.firsts.values())
    return "0" if count == 0 else "1-2" if count <= 2 else "3-4" if count <= 4 else "5+"
