"""Which facts a KPI is computed from, through the KPIs its formula refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules.formulas import references


def facts_of(kpi: Kpi, company: Company) -> list[str]:
    """Names of the facts behind a KPI, sorted, each once."""
    found = set(_named(kpi.params.model_dump()))
    for other in references(kpi):
        found.update(facts_of(company.kpis[other], company))
    return sorted(found)


def _named(params: Any) -> Iterator[str]:
    """Every value under a key `fact`: the one place where the parameters of a kind name a fact."""
    if isinstance(params, dict):
        for key, value in params.items():
            if key == "fact" and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
    elif isinstance(params, list | tuple):
        for value in params:
            yield from _named(value)
