"""The rules of a company: those of alerts.yaml, and one for every KPI with thresholds that none of them takes over."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from kpi_pipeline.alerts.model import SEVERITY, THRESHOLD, Level
from kpi_pipeline.catalogue.alerting import DATA_GROUP
from kpi_pipeline.catalogue.model import Company, Kpi, Rule


def rules_of(company: Company) -> tuple[Rule, ...]:
    """Every rule, those of alerts.yaml first.

    A rule about a KPI's values that has no thresholds of its own speaks for the KPI's; without one they fire on the
    first complete period past them.
    """
    declared = company.alerts.rules
    taken = {rule.kpi for rule in declared if rule.speaks_for_kpi}
    implied = [_implied(kpi) for kpi in company.kpis.values() if (kpi.warning or kpi.critical) and kpi.id not in taken]
    return (*declared, *implied)


def rules_reading(company: Company, kpis: Collection[str]) -> list[Rule]:
    """The rules that watch any of these KPIs."""
    return [rule for rule in rules_of(company) if any(kpi in kpis for kpi in rule.kpis)]


def rule_of_data(rule_id: str, owners: tuple[str, ...]) -> Rule:
    """The rule behind something found about data, which no file declares and no threshold judges."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Rule.model_fields.items()}
    return Rule.model_construct(**{**defaults, "id": rule_id, "owners": owners, "group": DATA_GROUP})


def rule_by_id(company: Company, subject: str, rule_id: str) -> Rule | None:
    """The rule that a state belongs to; None when it is no longer declared."""
    found = (rule for rule in rules_of(company) if rule.id == rule_id and rule.subject == subject)
    return next(found, None)


def owners_of(company: Company, rule: Rule, subject: str) -> tuple[str, ...]:
    """Who answers for an alert of a rule: the rule's own owners, else those of the KPI that it is about."""
    kpi = company.kpis.get(subject)
    return rule.owners or (() if kpi is None else kpi.owners)


def levels_of(company: Company, rule: Rule) -> tuple[Level, ...]:
    """The levels that a rule can tell something at, the mildest first."""
    if rule.remind is not None or rule.each is not None:
        return ("info",)
    if rule.kpi is None or rule.all_of or rule.unless_all:
        found: set[Level] = set() if rule.manual else {rule.level}
    else:
        kpi = company.kpis[rule.kpi]
        limits: dict[Level, object] = (
            {"info": rule.info, "warning": rule.warning, "critical": rule.critical}
            if rule.has_own_limits
            else {"warning": kpi.warning, "critical": kpi.critical}
        )
        found = {level for level, limit in limits.items() if limit}
    if rule.by is not None:  # a target that is missed, and a question that nobody answered
        found.add("warning")
    return tuple(sorted(found, key=SEVERITY.__getitem__))


@lru_cache(maxsize=1024)
def _threshold_rule(kpi_id: str, file: str, line: int, has_warning: bool) -> Rule:
    return Rule.model_validate(
        {"id": THRESHOLD, "kpi": kpi_id, "file": file, "line": line, "level": "warning" if has_warning else "critical"}
    )


def _implied(kpi: Kpi) -> Rule:
    return _threshold_rule(kpi.id, kpi.file, kpi.line, bool(kpi.warning))
