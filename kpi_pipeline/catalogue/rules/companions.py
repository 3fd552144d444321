"""A companion stands beside a KPI that exists and is not itself a companion."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.errors import Issue


def companions_exist(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        if kpi.companion_of is None:
            continue
        main = company.kpis.get(kpi.companion_of)
        if main is None:
            message = f"KPI {kpi.id}: companion_of names no KPI: {kpi.companion_of!r}"
            yield Issue(kpi.file, kpi.line_of("companion_of"), message, rule="companion")
        elif main.companion_of is not None:
            message = f"KPI {kpi.id}: {main.id} is itself a companion of {main.companion_of}"
            yield Issue(kpi.file, kpi.line_of("companion_of"), message, rule="companion")
