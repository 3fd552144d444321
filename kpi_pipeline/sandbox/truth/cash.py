"""Cash, what a month costs, and how long the one lasts for the other."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal
from kpi_pipeline.sandbox.world.model import LedgerEntry, World

BURN_MONTHS = 3


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    entries = [entry for entry in world.ledger if entry.entered_at <= now]
    found: Series = {
        "cash_runway_months": {},
        "cash_available": {},
        "gross_burn_per_month": {},
        "net_burn_per_month": {},
        "net_burn_runway": {},
    }
    for day in days:
        cash = _cash(entries, day.day)
        gross, net = _burn(entries, day.day)
        found["cash_available"][day.day] = cash
        found["gross_burn_per_month"][day.day] = gross
        found["net_burn_per_month"][day.day] = net
        found["cash_runway_months"][day.day] = _runway(cash, gross, reason=None)
        found["net_burn_runway"][day.day] = _runway(cash, net, reason="no_burn")
    return found


def _cash(entries: list[LedgerEntry], day: date) -> TruthValue:
    """EUR: the latest balance of each account that may be spent. `numerator` in cents, n = accounts."""
    latest: dict[str, LedgerEntry] = {}
    for entry in entries:
        if entry.kind != "balance" or entry.restricted or entry.day > day:
            continue
        if entry.account not in latest or latest[entry.account].day < entry.day:
            latest[entry.account] = entry
    if not latest:
        return TruthValue(None, None, None, 0)
    cents = sum(_cents(entry) for entry in latest.values())
    return TruthValue(decimal(Fraction(cents, 100)), cents, None, len(latest))


def _burn(entries: list[LedgerEntry], day: date) -> tuple[TruthValue, TruthValue]:
    """EUR a month over the three complete calendar months before that of `day`, gross and net of inflow."""
    months = {_month(day) - back for back in range(1, BURN_MONTHS + 1)}
    spent = [e for e in entries if e.kind == "outflow" and _month(e.day) in months]
    if {_month(entry.day) for entry in spent} != months:
        return TruthValue(None, None, BURN_MONTHS, 0), TruthValue(None, None, BURN_MONTHS, 0)
    regular = [entry for entry in spent if not entry.one_off]
    earned = [e for e in entries if e.kind == "inflow" and not e.one_off and _month(e.day) in months]
    gross = sum(_cents(entry) for entry in regular)
    net = gross - sum(_cents(entry) for entry in earned)
    return (
        TruthValue(decimal(Fraction(gross, 100 * BURN_MONTHS)), gross, BURN_MONTHS, len(regular)),
        TruthValue(decimal(Fraction(net, 100 * BURN_MONTHS)), net, BURN_MONTHS, len(regular) + len(earned)),
    )


def _runway(cash: TruthValue, burn: TruthValue, *, reason: str | None) -> TruthValue:
    """Months; none where nothing is known or nothing is burnt. n is the smaller one of the two."""
    n = min(cash.n or 0, burn.n or 0)
    if cash.value is None or burn.value is None:
        return TruthValue(None, cash.value, burn.value, n)
    if burn.value <= 0:
        return TruthValue(None, cash.value, burn.value, n, reason)
    return TruthValue(cash.value / burn.value, cash.value, burn.value, n)


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _cents(entry: LedgerEntry) -> int:
    return int(entry.amount * 100)
