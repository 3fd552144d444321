"""In which order KPIs need attention: the same on the overview of a site and on page one of a report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kpi_pipeline.catalogue.model import Kpi, in_force

TROUBLED = ("critical", "warning", "below_target", "stale", "no_data")


def off_target(kpi: Kpi, day: date, value: Decimal | None) -> float:
    """How far a value is on the wrong side of the target of its day, as a share of the target; else 0."""
    aim = in_force(kpi.target, day)
    if aim is None or value is None or aim.holds(value):
        return 0.0
    return float(abs(value - aim.value) / (abs(aim.value) or 1))
