"""A formula refers to KPIs that exist, and never to itself by a detour."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.errors import Issue


def references(kpi: Kpi) -> tuple[str, ...]:
    """Ids of the KPIs a KPI is computed from; empty unless its kind is computed from other KPIs."""
    named = getattr(kpi.params, "references", None)
    return tuple(named()) if named is not None else ()


def formulas_resolve(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        for name in references(kpi):
            if name not in company.kpis:
                message = f"KPI {kpi.id}: formula names no KPI: {name!r}"
                yield Issue(kpi.file, kpi.line_of("kind"), message, rule="formula")
        cycle = _cycle(company, kpi.id)
        if cycle:
            message = f"KPI {kpi.id}: formula goes in a circle: {' → '.join(cycle)}"
            yield Issue(kpi.file, kpi.line_of("kind"), message, rule="formula")


def _cycle(company: Company, start: str) -> tuple[str, ...]:
    paths: list[tuple[str, ...]] = [(start,)]
    while paths:
        path = paths.pop()
        if path[-1] not in company.kpis:
            continue
        for name in references(company.kpis[path[-1]]):
            if name == start:
                return (*path, name)
            if name not in path:
                paths.append((*path, name))
    return ()
