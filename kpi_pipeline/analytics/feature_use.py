"""Which share of the active accounts of each plan used each feature in the last days."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of
from kpi_pipeline.analytics.params import FeatureUse
from kpi_pipeline.analytics.plans import held_at
from kpi_pipeline.metrics.windows import day_index

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

NO_PLAN = ""  # active without MRR: on trial, or about to leave


def rows(facts: FactTables, params: FeatureUse, day: date) -> list[dict[str, Any]]:
    """A row a feature and plan: feature, plan ("" without MRR), of (accounts active in the span), used (of them)."""
    use = facts.table("usage_day")
    first, last = day_index(day - timedelta(days=params.days - 1)), day_index(day)
    recent = use.filter(use.day.between(first, last) & use.qualifying & use.account_id.notnull())
    accounts = facts.table("account").select("account_id", "company_id")
    pairs = recent.select("account_id", "event").distinct().join(accounts, "account_id")
    held = held_at(facts, end_of(day, facts.company.zone))
    used: dict[str, set[str]] = defaultdict(set)
    plan: dict[str, str] = {}
    for row in pairs.to_pyarrow().to_pylist():
        used[row["account_id"]].add(row["event"])
        customer = held.get(row["company_id"])
        plan[row["account_id"]] = NO_PLAN if customer is None else customer.plan
    return table(used, plan, list(params.features))


def table(used: dict[str, set[str]], plan: dict[str, str], features: list[str]) -> list[dict[str, Any]]:
    """`used`: account → features it used, any of which makes it active; `plan`: account → plan."""
    active = Counter(plan[account] for account in used)
    hits = Counter((feature, plan[account]) for account, found in used.items() for feature in found)
    return [
        {"feature": feature, "plan": name, "of": active[name], "used": hits[feature, name]}
        for feature in features
        for name in sorted(active, key=lambda name: (name == NO_PLAN, name))
    ]
