"""A score of 0 to 100 for every paying customer, by rules that can be read: use, breadth, trend, support.

No model: who will leave is not predicted here. Points are whole numbers, rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_pipeline.analytics.days import end_of, month_ends, start_of
from kpi_pipeline.analytics.params import Health
from kpi_pipeline.analytics.plans import Held, held_at
from kpi_pipeline.metrics.windows import day_index

if TYPE_CHECKING:
    from kpi_pipeline.facts.tables import FactTables

SPAN = 30
PART = 25
CUSTOMER, MONTH = "customer", "month"
BANDS = ("healthy", "watch", "at_risk")


@dataclass(slots=True)
class Signs:
    """What a customer's accounts did: people with access and active ones, features, uses now and before, tickets."""

    enabled: int = 0
    active: int = 0
    features: set[str] = field(default_factory=set)
    uses: int = 0
    uses_before: int = 0
    tickets: int = 0


def rows(facts: FactTables, params: Health, day: date) -> list[dict[str, Any]]:
    """A row a paying customer (kind customer: name, plan, mrr_minor, score and its parts), and a row a month and band.

    Months (kind month: month, band, customers) are the ends of the last whole ones, from what is known now.
    """
    names = facts.table("organisation").select("company_id", "name").to_pyarrow().to_pylist()
    found = customers(_signs(facts, params, day), held_at(facts, end_of(day, facts.company.zone)), params)
    known = {row["company_id"]: row["name"] for row in names}
    scored = [{"kind": CUSTOMER, "name": known.get(row["customer"]) or row["customer"], **row} for row in found]
    history = []
    for last in month_ends(day, params.months):
        held = held_at(facts, end_of(last, facts.company.zone))
        history += months(customers(_signs(facts, params, last), held, params), last)
    return [*scored, *history]


def customers(signs: Mapping[str, Signs], held: Mapping[str, Held], params: Health) -> list[dict[str, Any]]:
    """Scores in order of MRR at stake, the lowest scores first within equal bands."""
    found = []
    for customer, holding in held.items():
        sign = signs.get(customer, Signs())
        parts = {
            "use": _share(sign.active * 100, max(1, sign.enabled) * params.full_use),
            "breadth": _share(len(sign.features), params.full_breadth),
            "trend": _trend(sign),
            "support": PART - _share(sign.tickets, params.no_tickets),
        }
        score = sum(parts.values())
        band = "healthy" if score >= params.healthy else "at_risk" if score < params.at_risk else "watch"
        found.append(
            {
                "customer": customer,
                "plan": holding.plan,
                "mrr_minor": holding.mrr_minor,
                "score": score,
                "band": band,
                **parts,
                "active": sign.active,
                "enabled": sign.enabled,
                "features": len(sign.features),
                "tickets": sign.tickets,
            }
        )
    return sorted(found, key=lambda row: (-row["mrr_minor"], row["score"], row["customer"]))


def months(scored: Iterable[Mapping[str, Any]], last: date) -> list[dict[str, Any]]:
    """How many customers were in each band at the end of a month."""
    bands = [row["band"] for row in scored]
    return [{"kind": MONTH, "month": f"{last:%Y-%m}", "band": band, "customers": bands.count(band)} for band in BANDS]


def _share(part: int, whole: int) -> int:
    """Points of 25 for a share, at most all of them, rounded down."""
    return min(PART, PART * part // whole)


def _trend(sign: Signs) -> int:
    """All points where use did not fall, none where it halved; without any use before, all for any use now."""
    if sign.uses_before == 0:
        return PART if sign.uses else 0
    return max(0, min(PART, PART * (2 * sign.uses - sign.uses_before) // sign.uses_before))


def _signs(facts: FactTables, params: Health, day: date) -> dict[str, Signs]:
    """Company → signs of the 30 days until the end of `day`."""
    found: dict[str, Signs] = {}
    accounts = facts.table("account").filter(lambda t: t.company_id.notnull()).select("account_id", "company_id")
    today = day_index(day)
    use = facts.table("usage_day").join(accounts, "account_id")
    use = use.filter(use.qualifying & use.day.between(today - 2 * SPAN + 1, today))
    recent = use.day > today - SPAN
    totals = use.group_by("company_id").agg(
        uses=use.times.sum(where=recent),
        uses_before=use.times.sum(where=~recent),
        active=use.user_id.nunique(where=recent),
    )
    for row in totals.to_pyarrow().to_pylist():
        sign = found.setdefault(row["company_id"], Signs())
        sign.uses, sign.uses_before, sign.active = row["uses"] or 0, row["uses_before"] or 0, row["active"] or 0
    touched = use.filter(recent & use.event.isin(list(params.features))).select("company_id", "event").distinct()
    for row in touched.to_pyarrow().to_pylist():
        found[row["company_id"]].features.add(row["event"])
    _access(facts, accounts, found, end_of(day, facts.company.zone))
    tickets = facts.table("support_ticket")
    zone = facts.company.zone
    since, end = start_of(day - timedelta(days=SPAN - 1), zone), end_of(day, zone)
    mine = tickets.filter((tickets.created_at >= since) & (tickets.created_at < end) & ~tickets.is_duplicate)
    for row in mine.group_by("company_id").agg(n=mine.count()).to_pyarrow().to_pylist():
        found.setdefault(row["company_id"], Signs()).tickets = row["n"]
    return found


def _access(facts: FactTables, accounts: Any, found: dict[str, Signs], end: int) -> None:
    people = facts.table("product_user")
    enabled = people.filter(
        (people.enabled_at < end) & (people.disabled_at.isnull() | (people.disabled_at >= end)) & ~people.internal
    ).join(accounts, "account_id")
    for row in enabled.group_by("company_id").agg(n=enabled.user_id.nunique()).to_pyarrow().to_pylist():
        found.setdefault(row["company_id"], Signs()).enabled = row["n"]
