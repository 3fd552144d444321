"""KPIs whose target and thresholds nobody has looked at in the period that is running. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from kpi_pipeline.alerts.periods import start
from kpi_pipeline.catalogue.model import Company


def overdue(company: Company, every: str, day: date) -> list[dict[str, Any]]:
    """The headline KPIs with a target or threshold that were not reviewed since the period of `day` began, each with
    when it was last."""
    since = start(day, every)
    found = []
    for kpi in company.headline_kpis():
        last = kpi.last_review(day)
        if (kpi.target or kpi.warning or kpi.critical) and (last is None or last < since):
            found.append({"kpi": kpi.id, "what": "not_reviewed", "last": None if last is None else last.isoformat()})
    return found
