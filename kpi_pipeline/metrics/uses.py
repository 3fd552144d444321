"""Which facts a KPI is computed from."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules.formulas import references


def facts_of(kpi: Kpi, company: Company) -> tuple[str, ...]:
    """Names of the facts it reads, those of the KPIs it refers to included, sorted."""
    names = set(_named(kpi.params))
    for other in references(kpi):
        names.update(facts_of(company.kpis[other], company))
    return tuple(sorted(names))


def _named(params: BaseModel) -> Iterator[str]:
    for name in type(params).model_fields:
        value = getattr(params, name)
        if name == "fact":
            yield value
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _named(part)
