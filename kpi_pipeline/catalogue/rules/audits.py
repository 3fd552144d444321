"""A reconciliation speaks of KPIs that exist and has owners; an explanation is somebody's, and of something audited."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company, Explanation, Kpi, Reconciliation
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.units import UNITS
from kpi_pipeline.errors import Issue

OF_A_KPI = ("level", "trend", "volume")


def audits_make_sense(company: Company) -> Iterable[Issue]:
    for rule in company.audit.reconcile:
        yield from (_issue(rule, f"reconciliation {rule.id}: {message}") for message in _of_rule(company, rule))
    for each in company.audit.explained:
        yield from (_issue(each, f"explanation of {each.rule}: {message}") for message in _of_words(company, each))


def _of_rule(company: Company, rule: Reconciliation) -> Iterable[str]:
    if rule.id in OF_A_KPI:
        yield f"{rule.id} is the name of an audit of every KPI; choose another"
    named = [*rule.kpis]
    for side in (rule.left, rule.right):
        named += references(side) if isinstance(side, Kpi) else [side]
    for name in named:
        if name not in company.kpis:
            yield f"there is no KPI {name!r}{did_you_mean(name, company.kpis)}"
    for owner in rule.owners:
        if owner not in company.people and owner not in company.rotas:
            yield f"unknown owner {owner!r}{did_you_mean(owner, [*company.people, *company.rotas])}"
    if rule.unit not in UNITS:
        yield f"unknown unit {rule.unit!r}{did_you_mean(rule.unit, UNITS)}"


def _of_words(company: Company, each: Explanation) -> Iterable[str]:
    rules = [rule.id for rule in company.audit.reconcile]
    if each.rule not in (*rules, *OF_A_KPI):
        yield f"nothing is audited under that name{did_you_mean(each.rule, [*rules, *OF_A_KPI])}"
    if each.rule in OF_A_KPI and each.kpi is None:
        yield "say of which `kpi`"
    if each.kpi is not None and each.kpi not in company.kpis:
        yield f"there is no KPI {each.kpi!r}{did_you_mean(each.kpi, company.kpis)}"
    if each.by not in company.people:
        yield f"{each.by!r} is nobody{did_you_mean(each.by, company.people)}"
    if each.last < each.first:
        yield f"it ends on {each.last}, before it begins"
    if each.expires < each.last:
        yield f"it expires on {each.expires}, before the last day it speaks of"


def _issue(declared: Reconciliation | Explanation, message: str) -> Issue:
    return Issue(declared.file, declared.line, message, rule="audit")
