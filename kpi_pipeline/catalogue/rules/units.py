"""A unit, and the company's currency, is one the reports can write."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.units import UNITS
from kpi_pipeline.errors import Issue


def units_are_known(company: Company) -> Iterable[Issue]:
    money = [unit.name for unit in UNITS.values() if unit.is_money]
    if company.currency not in money:
        message = f"unknown currency {company.currency!r}; known are {', '.join(money)}"
        yield Issue(company.file, company.line_of("currency"), message, rule="unit")
    for kpi in company.kpis.values():
        if kpi.unit not in UNITS:
            hint = did_you_mean(kpi.unit, UNITS) or f"; known are {', '.join(UNITS)}"
            yield Issue(kpi.file, kpi.line_of("unit"), f"KPI {kpi.id}: unknown unit {kpi.unit!r}{hint}", rule="unit")
