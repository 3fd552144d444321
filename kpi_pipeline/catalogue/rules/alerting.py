"""Whatever alerts.yaml names exists: KPIs, people, rotas, calendars, channels; and every rule reaches somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kpi_pipeline.catalogue.alerting import AUDIENCES, DATA_OWNERS, MANAGEMENT, AnyOf, Rule, Step, Term
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue

CODE = "alerts"


def names_of_alerts_exist(company: Company) -> Iterable[Issue]:
    alerts = company.alerts
    people = [*company.people, *company.rotas]
    for key in (MANAGEMENT, DATA_OWNERS):
        yield from _known(company, key, getattr(alerts, key), people, "owner")
    if alerts.calendar is not None and alerts.calendar not in company.calendars:
        yield _at(company, "calendar", unknown("calendar", alerts.calendar, company.calendars))
    if alerts.fallback is not None and alerts.fallback not in company.channels:
        yield _at(company, "fallback", f"fallback: {unknown('channel', alerts.fallback, company.channels)}")
    for message, index in step_faults(company, alerts.escalation):
        yield _at(company, f"escalation.{index}", f"escalation: {message}")
    if alerts.file and not alerts.escalation and not names_management(company):
        message = "critical alerts that nobody acknowledges go to the owners again: name `management`, or `escalation`"
        yield Issue(alerts.file, 1, message, "warning", CODE)
    for rule in alerts.rules:
        for path, message in _faults_of_rule(company, rule, people):
            yield Issue(rule.file, rule.line_of(path), f"rule {rule.id}: {message}", rule=CODE)


def terms_of(rule: Rule) -> Iterator[tuple[str, Term]]:
    """Every condition of a rule with where it stands: "all.0", "unless_all.1.any.0"."""
    for key, parts in (("all", rule.all_of), ("unless_all", rule.unless_all), ("only_when", rule.only_when)):
        for index, part in enumerate(parts):
            if isinstance(part, AnyOf):
                yield from ((f"{key}.{index}.any.{place}", term) for place, term in enumerate(part.any_of))
            else:
                yield f"{key}.{index}", part


def step_faults(company: Company, steps: Collection[Step]) -> Iterable[tuple[str, int]]:
    """What is wrong with the steps of an escalation, and at which of them."""
    before = None
    for index, step in enumerate(steps):
        if step.after.is_counted:
            yield f"after {step.after}: a step comes after working days, hours or days", index
        if before is not None and before.unit == step.after.unit and before.amount >= step.after.amount:
            yield f"the step after {step.after} does not come later than the one after {before}", index
        before = step.after
        for name in step.to:
            fault = receiver_fault(company, name)
            if fault is not None:
                yield fault, index
        if not step.to:
            yield f"the step after {step.after} goes to nobody", index


def receiver_fault(company: Company, name: str) -> str | None:
    """What is wrong with a name that somebody is told by: unknown, or management when nobody is that."""
    known = [*company.people, *company.rotas, *AUDIENCES]
    if name not in known:
        return unknown("owner", name, known)
    if name == MANAGEMENT and not names_management(company):
        return "goes to management, but nobody is named there: write `management: [...]` in alerts.yaml"
    return None


def names_management(company: Company) -> bool:
    return bool(company.alerts.management) or MANAGEMENT in company.people or MANAGEMENT in company.rotas


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"unknown {what} {name!r}{did_you_mean(name, known)}"


def _faults_of_rule(company: Company, rule: Rule, people: Collection[str]) -> Iterable[tuple[str, str]]:
    if rule.kpi is not None and rule.kpi not in company.kpis:
        yield "kpi", unknown("KPI", rule.kpi, company.kpis)
    for path, term in terms_of(rule):
        if term.kpi not in company.kpis:
            yield f"{path}.kpi", unknown("KPI", term.kpi, company.kpis)
    if rule.calendar is not None and rule.calendar not in company.calendars:
        yield "calendar", unknown("calendar", rule.calendar, company.calendars)
    kpi = None if rule.kpi is None else company.kpis.get(rule.kpi)
    if not rule.owners and (rule.kpi is None or (kpi is not None and not kpi.owners)):
        yield "owners", "nobody owns it, so nobody would be told: write `owners`"
    asked = () if rule.decision is None else rule.decision.by
    for path, names in (("owners", rule.owners), ("decision.by", asked)):
        yield from ((path, unknown("owner", name, people)) for name in names if name not in people)
    for name in rule.inform:
        fault = receiver_fault(company, name)
        if fault is not None:
            yield "inform", fault
    for message, index in step_faults(company, rule.escalation or ()):
        yield f"escalation.{index}", f"escalation: {message}"
    for key in ("info", "warning", "critical"):
        for approval in (each for threshold in getattr(rule, key) for each in threshold.approved_by):
            if approval.by not in company.people:
                yield key, f"{key} is approved by {approval.by!r}, who is unknown"


def _known(company: Company, path: str, names: Iterable[str], known: Collection[str], what: str) -> Iterable[Issue]:
    for name in names:
        if name not in known:
            yield _at(company, path, f"{path}: {unknown(what, name, known)}")


def _at(company: Company, path: str, message: str) -> Issue:
    return Issue(company.alerts.file, company.alerts.line_of(path), message, rule=CODE)
