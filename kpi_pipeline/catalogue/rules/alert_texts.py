"""What people read of a rule is there in the company's language: its name, question, actions, and what to check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpi_pipeline.catalogue.alerting import Rule
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.rules.languages import LANGUAGES
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue


def rules_speak_own_language(company: Company) -> Iterable[Issue]:
    for rule in company.alerts.rules:
        for path, message in _faults(company, rule):
            yield Issue(rule.file, rule.line_of(path), f"rule {rule.id}: {message}", rule="language")


def _faults(company: Company, rule: Rule) -> Iterable[tuple[str, str]]:
    if rule.kpi is None and not rule.name:
        yield "name", "has no name: only a rule about one `kpi` is called by it"
    texts: dict[str, Mapping[str, Any]] = {"name": rule.name, "actions": rule.actions, "manual": rule.manual}
    if rule.decision is not None:
        texts["decision.question"] = rule.decision.question
        if not rule.decision.question:
            yield "decision.question", f"decision.question.{company.language} is missing"
    for path, by_language in texts.items():
        if by_language and not by_language.get(company.language):
            yield path, f"{path}.{company.language} is missing"
        for language in by_language:
            if language not in LANGUAGES:
                yield path, f"{path}: unknown language {language!r}{did_you_mean(language, LANGUAGES)}"
