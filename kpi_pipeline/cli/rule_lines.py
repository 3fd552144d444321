"""Alert rules as lines and documents: what commands print about them for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape

from kpi_pipeline.alerts.rule_words import describe
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Rule
from kpi_pipeline.cli.output import console

LANGUAGES = ("nl", "en")


def print_rules(company: Company, rules: Sequence[Rule], title: str) -> None:
    """Each rule as lines: what it is called and whose it is, what makes it fire, and what it comes from."""
    console.print(f"[bold]{title}[/bold]")
    for rule in rules:
        named, where = title_of(company, rule), f"{rule.file}:{rule.line}"
        owners = ", ".join(owners_of(company, rule, rule.subject))
        console.print(f"[bold]{rule.id}[/bold]  {escape(named)}  [dim]{owners}  {where}[/dim]", soft_wrap=True)
        console.print(f"  {describe(company, rule, company.language)}", markup=False, soft_wrap=True)
        if rule.origin:
            console.print(f"  {'; '.join(rule.origin)}", markup=False, soft_wrap=True, style="dim")


def print_rule(company: Company, rule: Rule) -> None:
    """Everything about one rule."""
    console.print(f"[bold]{escape(title_of(company, rule))}[/bold]  {rule.file}:{rule.line}")
    for line in _lines(company, rule):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def rule_document(company: Company, rule: Rule) -> dict[str, Any]:
    """A rule as it is written, with its words in both languages."""
    declared = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    words = {language: describe(company, rule, language) for language in LANGUAGES}
    further = {
        "subject": rule.subject,
        "kpis": rule.kpis,
        "owners": owners_of(company, rule, rule.subject),
        "line": rule.line,
    }
    return {**declared, "id": rule.id, **further, "words": words}


def title_of(company: Company, rule: Rule) -> str:
    """What people call a rule: by its own name, else by that of its KPI."""
    kpi = company.kpis.get(rule.kpi or "")
    return rule.title(company.language) or (rule.id if kpi is None else kpi.title(company.language))


def _lines(company: Company, rule: Rule) -> Iterator[str]:
    language = company.language
    yield describe(company, rule, language)
    if rule.origin:
        yield f"printed as: {'; '.join(rule.origin)}"
    yield f"KPIs: {', '.join(rule.kpis)}"
    yield f"owners: {', '.join(company.name_of(owner) for owner in owners_of(company, rule, rule.subject))}"
    if rule.inform:
        yield f"informs: {', '.join(rule.inform)}"
    if rule.decision is not None:
        yield f"asks: {rule.decision.question[language]}"
    yield from (f"action: {action}" for action in rule.actions.get(language, ()))
    if rule.runbook:
        yield f"runbook: {rule.runbook}"
