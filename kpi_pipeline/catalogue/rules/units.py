"""A unit is one the reports can write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.units import UNITS
from kpi_pipeline.errors import Issue


def units_are_known(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        if kpi.unit not in UNITS:
            close = get_close_matches(kpi.unit, list(UNITS), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(UNITS)}"
            yield Issue(kpi.file, kpi.line, f"KPI {kpi.id}: unknown unit {kpi.unit!r}{hint}", rule="unit")
