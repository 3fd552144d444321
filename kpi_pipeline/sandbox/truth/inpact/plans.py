"""Goals that are done or not: milestones, the frozen roadmap, certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay, local_date
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, count, decimal, ratio
from kpi_pipeline.sandbox.world.model import Milestone, RoadmapItem, World
from kpi_pipeline.sandbox.world.model.paperwork import known

PERCENT = Fraction(100)
DAY_MS = 86_400_000
ITEMS = {
    "kpi05_strategic_roadmap": "kpi05_strategic_roadmap",
    "kpi06_tactical_roadmap": "kpi06_tactical_roadmap",
    "kpi10_legacy_alternatives": "kpi10_legacy_alternatives",
    "kpi20_pnl_per_line": "kpi20_pnl_per_line",
}
WEIGHTS = {
    "kpi05_progress": "kpi05_strategic_roadmap",
    "kpi06_progress": "kpi06_tactical_roadmap",
    "kpi09_azure_migration": "kpi09_azure_migration",
    "kpi10_progress": "kpi10_legacy_alternatives",
    "kpi14_employee_satisfaction": "kpi14_employee_satisfaction",
    "kpi15_first_nps": "kpi15_first_nps",
    "kpi18_audit_progress": "kpi18_iso_isae",
    "kpi19_dora_aiact": "kpi19_dora_aiact",
    "kpi20_progress": "kpi20_pnl_per_line",
}
SLIPS = {
    "kpi05_plan_slip": "kpi05_strategic_roadmap",
    "kpi06_plan_slip": "kpi06_tactical_roadmap",
    "kpi18_audit_overdue": "kpi18_iso_isae",
}
PLANNED = {"kpi09": "kpi09_azure_migration", "kpi19": "kpi19_dora_aiact"}
CERTIFICATES = ("ISO 27001", "ISAE 3402 type II")


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    rows = known(world.milestones, now)
    items = _with_issues(world, known(world.roadmap_items, now), now)
    found: Series = {}
    for day in days:
        on = day.day
        for kpi, goal in ITEMS.items():
            found.setdefault(kpi, {})[on] = _items_done(_of(rows, goal), on)
        for kpi, goal in WEIGHTS.items():
            found.setdefault(kpi, {})[on] = _weight_done(_of(rows, goal), on)
        for kpi, item in (("kpi19_dora", "dora"), ("kpi19_ai_act", "ai-act")):
            mine = [row for row in _of(rows, "kpi19_dora_aiact") if row.item_id == item]
            found.setdefault(kpi, {})[on] = _weight_done(mine, on)
        for kpi, goal in SLIPS.items():
            found.setdefault(kpi, {})[on] = _slip(_of(rows, goal), on)
        for short, goal in PLANNED.items():
            planned, done = _planned(_of(rows, goal), on), _weight_done(_of(rows, goal), on)
            found.setdefault(f"{short}_planned", {})[on] = planned
            found.setdefault(f"{short}_behind_plan", {})[on] = _difference(planned, done)
        systems = sum(1 for row in _of(rows, "kpi09_systems_phased_out") if _done(row, on))
        found.setdefault("kpi09_systems_phased_out", {})[on] = count(systems)
        found.setdefault("kpi07_tactical_delivery", {})[on] = _delivery(items, on, _quarter(on))
        found.setdefault("kpi07_tactical_delivery_cumulative", {})[on] = _delivery(items, on, date.min)
        hard = [item for item in items if item.hard_reason and item.due <= on]
        kept = sum(1 for item in hard if item.delivered is not None and item.delivered <= item.due)
        found.setdefault("kpi08_hard_deadlines", {})[on] = ratio(kept, len(hard), n=len(hard), scale=PERCENT)
        found.setdefault("kpi08_missed_deadlines", {})[on] = count(len(hard) - kept)
        found.setdefault("kpi18_iso_isae", {})[on] = _valid(world, on, now)
        found.setdefault("kpi18_expiring", {})[on] = _expiring(world, on, now)
    return found


def _of(rows: list[Milestone], kpi: str) -> list[Milestone]:
    return [row for row in rows if row.kpi_id == kpi]


def _done(row: Milestone, on: date) -> bool:
    return row.actual is not None and row.actual <= on


def _hundredths(value: Decimal) -> int:
    return int(value * 100)


def _weight_done(rows: list[Milestone], on: date) -> TruthValue:
    return _share(rows, [row for row in rows if _done(row, on)])


def _share(rows: list[Milestone], some: list[Milestone]) -> TruthValue:
    """Weight of some of the milestones ÷ weight of all of them."""
    part, whole = (sum((row.weight for row in each), Decimal(0)) for each in (some, rows))
    value = decimal(Fraction(part) / Fraction(whole) * PERCENT) if whole else None
    return TruthValue(value, part, whole, len(rows))


def _items_done(rows: list[Milestone], on: date) -> TruthValue:
    items = {row.item_id for row in rows}
    behind = {row.item_id for row in rows if not _done(row, on)}
    return ratio(len(items - behind), len(items), n=len(items), scale=PERCENT)


def _planned(rows: list[Milestone], on: date) -> TruthValue:
    return _share(rows, [row for row in rows if row.baseline <= on])


def _difference(left: TruthValue, right: TruthValue) -> TruthValue:
    value = None if left.value is None or right.value is None else left.value - right.value
    return TruthValue(value, None, None, min(left.n or 0, right.n or 0))


def _slip(rows: list[Milestone], on: date) -> TruthValue:
    """Days that the oldest milestone that is not done is past its frozen date."""
    late = [row.baseline for row in rows if row.baseline <= on and not _done(row, on)]
    if not late:
        return TruthValue(None, None, None, 0, "none_open")
    days = (on - min(late)).days
    return TruthValue(Decimal(days), days * DAY_MS, None, len(late))


def _with_issues(world: World, items: list[RoadmapItem], now: datetime) -> list[RoadmapItem]:
    """Items with the day of their delivery: that of the register, else when the issue of that number was last done."""
    keys = {team.id: team.key for team in world.teams}
    kinds = {state.id: state.type for state in world.workflow_states}
    done: dict[str, date] = {}
    for issue in world.issues:
        states = [(kinds[state], at) for state, at in issue.states if at <= now]
        if states and states[-1][0] == "completed":
            done[f"{keys[issue.team_id]}-{issue.number}"] = local_date(world.zone, states[-1][1])
    return [replace(item, delivered=item.delivered or done.get(item.item_id)) for item in items]


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _next_quarter(day: date) -> date:
    return _quarter(_quarter(day) + timedelta(days=100))


def _delivery(items: list[RoadmapItem], on: date, since: date) -> TruthValue:
    """Value of items due from `since` to `on`, and of those the part that came before its quarter was over."""
    due = [item for item in items if since <= item.due <= on]
    kept = [
        item
        for item in due
        if item.delivered is not None and item.delivered <= on and item.delivered < _next_quarter(item.due)
    ]
    whole = sum(_hundredths(item.value) for item in due)
    return ratio(sum(_hundredths(item.value) for item in kept), whole, n=whole, scale=PERCENT)


def _valid(world: World, on: date, now: datetime) -> TruthValue:
    """1 while both certificates are valid."""
    held = {
        each.name
        for each in known(world.certificates, now)
        if each.valid_from <= on <= each.valid_until and not (each.revoked is not None and each.revoked <= on)
    }
    valid = sum(1 for name in CERTIFICATES if name in held)
    return TruthValue(decimal(Fraction(int(valid == len(CERTIFICATES)))), valid, len(CERTIFICATES), len(CERTIFICATES))


def _expiring(world: World, on: date, now: datetime) -> TruthValue:
    found = 0
    for each in known(world.certificates, now):
        gone = each.valid_until + timedelta(days=1)
        if each.revoked is not None:
            gone = min(gone, each.revoked)
        found += gone - timedelta(days=90) <= on < gone
    return count(found)
