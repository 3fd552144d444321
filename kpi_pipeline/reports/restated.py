"""What was restated of a company, judged by the materiality its KPIs declare."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.materiality import materiality
from kpi_pipeline.history.restatements import IsMaterial, Restatement, restatements
from kpi_pipeline.history.store import HistoryStore


def restated(
    store: HistoryStore,
    company: Company,
    *,
    kpi: str | None = None,
    since: datetime | None = None,
    known_at: datetime | None = None,
) -> list[Restatement]:
    """Every restatement of the KPIs that the company declares, in the order of its files and of days."""
    found = restatements(store, company.id, by_declaration(company), kpi=kpi, since=since, known_at=known_at)
    order = {name: position for position, name in enumerate(company.kpis)}
    return sorted((each for each in found if each.kpi in order), key=lambda each: (order[each.kpi], each.day))


def by_declaration(company: Company) -> IsMaterial:
    """Asks the KPI itself; a KPI that is no longer declared is judged by the default."""

    def is_material(kpi: str, reported: Decimal | None, now: Decimal | None) -> bool:
        found = company.kpis.get(kpi)
        measure = materiality("", None) if found is None else materiality(found.unit, found.material)
        return measure.holds(reported, now)

    return is_material
