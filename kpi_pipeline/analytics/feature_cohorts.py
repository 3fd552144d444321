"""Accounts by the quarter of their sign-up: which share had ever used a feature so many weeks later.

Ever used, so a share can only rise; a cell is there when all accounts of the quarter are that old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import DAY_MS, end_of, quarter, quarter_start, start_of
from kpi_pipeline.analytics.params import FeatureCohorts
from kpi_pipeline.metrics.windows import add_months

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

WEEK_MS = 7 * DAY_MS


def rows(facts: FactTables, params: FeatureCohorts, day: date) -> list[dict[str, Any]]:
    """A row a cohort, feature and ripe week: cohort, feature, week, size (accounts), used (of them, until then)."""
    zone = facts.company.zone
    end = end_of(day, zone)
    quarters = quarters_until(day, params.cohorts)
    accounts = facts.table("account")
    signed = accounts.filter((accounts.signed_up_at >= start_of(quarters[0], zone)) & (accounts.signed_up_at < end))
    use = facts.table("usage_day")
    use = use.filter(use.event.isin(list(params.features)) & (use.first_at < end))
    first = use.group_by("account_id", "event").agg(first_at=use.first_at.min())
    starts = [(each, start_of(each, zone)) for each in (*quarters, add_months(quarters[-1], 3))]
    sign_ups = {row["account_id"]: row["signed_up_at"] for row in _rows(signed.select("account_id", "signed_up_at"))}
    used = ((row["account_id"], row["event"], row["first_at"]) for row in _rows(first))
    return table(sign_ups, used, starts, end, params)


def table(
    sign_ups: Mapping[str, int],
    used: Iterable[tuple[str, str, int]],
    starts: list[tuple[date, int]],
    end: int,
    params: FeatureCohorts,
) -> list[dict[str, Any]]:
    """`starts`: the quarters asked for and the one after, with their first instants; `used`: account, feature, when."""
    firsts: dict[str, dict[str, int]] = defaultdict(dict)
    for account, feature, first_at in used:
        firsts[account][feature] = first_at
    found = []
    for (first_day, begins), (_, until) in pairwise(starts):
        members = [account for account, at in sign_ups.items() if begins <= at < until]
        if not members:
            continue
        for feature in params.features:
            for week in params.weeks:
                if until + week * WEEK_MS > end:
                    continue
                late = week * WEEK_MS
                ever = sum(firsts[each].get(feature, end) < sign_ups[each] + late for each in members)
                found.append(
                    {"cohort": quarter(first_day), "feature": feature, "week": week, "size": len(members), "used": ever}
                )
    return found


def quarters_until(day: date, count: int) -> list[date]:
    """The first days of the quarter that holds `day` and of those before it, in order."""
    last = quarter_start(day)
    return [add_months(last, -3 * back) for back in range(count - 1, -1, -1)]


def _rows(expression: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
    return found
