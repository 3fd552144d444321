"""Every KPI has a name in the company's language; one without another that the company uses is worth a warning."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.errors import Issue

LANGUAGES = ("nl", "en")


def named_in_own_language(company: Company) -> Iterable[Issue]:
    used = {language for kpi in company.kpis.values() for language in kpi.name}  # some frameworks have one language
    for kpi in company.kpis.values():
        for language in LANGUAGES:
            if language != company.language and language not in used:
                continue
            if not kpi.name.get(language):
                severity = "error" if language == company.language else "warning"
                message = f"KPI {kpi.id}: name.{language} is missing"
                yield Issue(kpi.file, kpi.line_of("name"), message, severity, "language")
