"""What a framework says that cannot all be true is a finding, with the numbers; the KPI's `reading` says what we do."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.errors import Issue


def contradictions_are_told(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        for text in kpi.contradiction:
            line = kpi.line_of("contradiction")
            yield Issue(kpi.file, line, f"KPI {kpi.id}: {text}", "contradiction", "contradiction")
