"""Dutch school holidays by region, as the ministry publishes them; first and last day, both in it."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.sandbox.world.days import span

EVERYWHERE = (
    (date(2025, 12, 20), date(2026, 1, 4)),
    (date(2026, 4, 25), date(2026, 5, 3)),
    (date(2026, 12, 19), date(2027, 1, 3)),
    (date(2027, 4, 24), date(2027, 5, 2)),
)
HOLIDAYS: dict[str, tuple[tuple[date, date], ...]] = {
    "noord": (
        (date(2025, 10, 18), date(2025, 10, 26)),
        (date(2026, 2, 21), date(2026, 3, 1)),
        (date(2026, 7, 4), date(2026, 8, 16)),
        (date(2026, 10, 10), date(2026, 10, 18)),
        (date(2027, 2, 20), date(2027, 2, 28)),
        (date(2027, 7, 10), date(2027, 8, 22)),
        *EVERYWHERE,
    ),
    "midden": (
        (date(2025, 10, 18), date(2025, 10, 26)),
        (date(2026, 2, 14), date(2026, 2, 22)),
        (date(2026, 7, 18), date(2026, 8, 30)),
        (date(2026, 10, 17), date(2026, 10, 25)),
        (date(2027, 2, 20), date(2027, 2, 28)),
        (date(2027, 7, 17), date(2027, 8, 29)),
        *EVERYWHERE,
    ),
    "zuid": (
        (date(2025, 10, 11), date(2025, 10, 19)),
        (date(2026, 2, 14), date(2026, 2, 22)),
        (date(2026, 7, 11), date(2026, 8, 23)),
        (date(2026, 10, 17), date(2026, 10, 25)),
        (date(2027, 2, 13), date(2027, 2, 21)),
        (date(2027, 7, 24), date(2027, 9, 5)),
        *EVERYWHERE,
    ),
}
REGIONS = tuple(HOLIDAYS)


def days_off(region: str) -> frozenset[date]:
    """Every day of the region's holidays, weekends in them included."""
    return frozenset(day for first, last in HOLIDAYS[region] for day in span(first, last))
