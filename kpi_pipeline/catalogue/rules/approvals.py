"""A change of target or threshold is agreed to by everyone the company's framework names, before it is in force.

What a framework prints first has no date and needs no approval; every later value has `since` and `approved_by`.
"""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.errors import Issue

KEYS = ("target", "warning", "critical")
KEYS_OF_RULE = ("info", "warning", "critical")


def changes_are_approved(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        for key in KEYS:
            for message in _faults(company, kpi, key):
                yield Issue(kpi.file, kpi.line_of(key), f"KPI {kpi.id}: {message}", rule="approval")
    for rule in company.alerts.rules:
        for key in KEYS_OF_RULE:
            for message in _faults(company, rule, key):
                yield Issue(rule.file, rule.line_of(key), f"rule {rule.id}: {message}", rule="approval")


def _faults(company: Company, declared: Kpi | Rule, key: str) -> Iterable[str]:
    for threshold in getattr(declared, key):
        if threshold.since is None:
            continue
        what = f"{key} {threshold} since {threshold.since}"
        missing = set(company.approvers) - {approval.by for approval in threshold.approved_by}
        if missing:
            names = ", ".join(f"{name} ({_role(company, name)})" for name in company.approvers if name in missing)
            yield f"{what} lacks the approval of {names}; write approved_by: [{{by, on}}]"
        for approval in threshold.approved_by:
            if approval.on > threshold.since:
                yield f"{what} was approved by {approval.by} on {approval.on}, when it was in force already"


def _role(company: Company, name: str) -> str:
    return company.people[name].role if name in company.people else "unknown"
