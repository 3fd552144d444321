"""What each rep won in the running quarter, against the quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, quarter, quarter_start, start_of
from kpi_pipeline.analytics.params import Leaderboard, Quota
from kpi_pipeline.facts.currency import decimals

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables


def rows(facts: FactTables, params: Leaderboard, day: date) -> list[dict[str, Any]]:
    """A row a rep, who won most first: quarter, owner, won, lost, won_minor, quota_minor (null without a quota).

    Amounts are those of the deals as agreed, all of them, closed in the quarter until the end of `day`; deals of owners
    who are no reps here are one row with owner "".
    """
    zone = facts.company.zone
    since, end = start_of(quarter_start(day), zone), end_of(day, zone)
    deals, outlook = facts.table("deal"), facts.table("deal_outlook")
    closed = deals.filter((deals.closed_at >= since) & (deals.closed_at < end) & ~deals.duplicate)
    found = closed.join(outlook.select("deal_id", "owner_id"), "deal_id")
    rows = found.select("owner_id", "won", "amount_minor").to_pyarrow().to_pylist()
    unit = 10 ** decimals(facts.company.currency)
    return table(((row["owner_id"], row["won"], row["amount_minor"]) for row in rows), params, day, unit)


def table(
    deals: Iterable[tuple[str | None, bool, int | None]], params: Leaderboard, day: date, unit: int
) -> list[dict[str, Any]]:
    """`unit`: minor units of one major unit."""
    reps = {rep.owner: rep for rep in params.reps}
    won: dict[str, int] = defaultdict(int)
    lost: dict[str, int] = defaultdict(int)
    amount: dict[str, int] = defaultdict(int)
    for owner, is_won, value in deals:
        name = owner if owner in reps else ""
        won[name] += is_won
        lost[name] += not is_won
        amount[name] += (value or 0) if is_won else 0
    others = [""] if won[""] or lost[""] else []
    found: list[dict[str, Any]] = [
        {
            "quarter": quarter(day),
            "owner": owner,
            "won": won[owner],
            "lost": lost[owner],
            "won_minor": amount[owner],
            "quota_minor": None if owner == "" else _quota(reps[owner].quota, day, unit),
        }
        for owner in (*reps, *others)
    ]
    return sorted(found, key=lambda row: (row["owner"] == "", -row["won_minor"], row["owner"]))


def _quota(quotas: tuple[Quota, ...], day: date, unit: int) -> int | None:
    """The quota of the quarter: the last one that began until its first day."""
    valid = [quota for quota in quotas if quota.since is None or quota.since <= quarter_start(day)]
    return int(valid[-1].amount * unit) if valid else None
