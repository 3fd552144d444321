"""Units a KPI may have: how many decimals people want to see, and the words for it in Dutch and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """`decimals` are for display only; comparisons are made on the unrounded value."""

    name: str
    decimals: int
    nl: str
    en: str
    is_money: bool = False


UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("percent", 1, "%", "%"),
        Unit("points", 0, "punten", "points"),
        Unit("score", 1, "", ""),
        Unit("grade", 0, "", ""),
        Unit("seconds", 1, "seconden", "seconds"),
        Unit("ratio", 2, "", ""),
        Unit("count", 0, "", ""),
        Unit("jobs", 0, "taken", "jobs"),
        Unit("users", 0, "gebruikers", "users"),
        Unit("hours", 1, "uur", "hours"),
        Unit("minutes", 1, "minuten", "minutes"),
        Unit("days", 1, "dagen", "days"),
        Unit("months", 1, "maanden", "months"),
        Unit("ms", 0, "ms", "ms"),
        Unit("EUR", 0, "€", "€", is_money=True),
        Unit("USD", 0, "US$", "US$", is_money=True),
    )
}
