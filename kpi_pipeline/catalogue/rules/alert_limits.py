"""What a rule fires on is ordered: critical lies within warning, and recovery is where nothing is wrong any more.

Otherwise a value could be both, and which of the two people are told would depend on the order of the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations

from kpi_pipeline.catalogue.alerting import Rule
from kpi_pipeline.catalogue.model import Company, Kpi, Threshold, in_force
from kpi_pipeline.catalogue.rules.alerting import CODE
from kpi_pipeline.catalogue.rules.thresholds import BAD
from kpi_pipeline.errors import Issue

LEVELS = ("info", "warning", "critical")
RECOVERY = {"recovery": LEVELS, "critical_recovery": ("critical",)}


def limits_of_rules_are_ordered(company: Company) -> Iterable[Issue]:
    speaking: dict[str, Rule] = {}
    for rule in company.alerts.rules:
        kpi = None if rule.kpi is None else company.kpis.get(rule.kpi)
        if kpi is None or not rule.judges_thresholds:
            continue
        faults = [*_faults(rule, kpi), *_twice(rule, speaking)]
        for key, message in dict.fromkeys(faults):  # what is wrong on several days is one issue
            yield Issue(rule.file, rule.line_of(key), f"rule {rule.id}: {message}", rule=CODE)


def _twice(rule: Rule, speaking: dict[str, Rule]) -> Iterable[tuple[str, str]]:
    if not rule.speaks_for_kpi or rule.kpi is None:
        return
    first = speaking.setdefault(rule.kpi, rule)
    if first is not rule:
        where = f"rule {first.id} on line {first.line}"
        yield "kpi", f"{where} already speaks for the thresholds of {rule.kpi}; give one of the two its own"


def _faults(rule: Rule, kpi: Kpi) -> Iterable[tuple[str, str]]:
    if rule.speaks_for_kpi and not (kpi.warning or kpi.critical):
        yield "kpi", f"{kpi.id} has no warning or critical, so it can never fire: give the rule thresholds of its own"
    if rule.has_own_limits and kpi.grades:
        yield "kpi", f"the thresholds of {kpi.id} are grades ({', '.join(kpi.grades)}): write them in its own entry"
        return
    for key in ("warning", "critical"):
        for threshold in getattr(rule, key):
            if threshold.op not in BAD[kpi.better]:
                yield key, f"{key} {threshold} points the wrong way: {kpi.better} is better for {kpi.id}"
    dated = (*rule.info, *rule.warning, *rule.critical, *rule.recovery, *rule.critical_recovery)
    dated += () if rule.has_own_limits else (*kpi.warning, *kpi.critical)
    for day in (date.min, *sorted({each.since for each in dated if each.since is not None})):
        limits = _limits(rule, kpi, day)
        yield from _order(limits)
        yield from _recoveries(rule, limits, day)


def _limits(rule: Rule, kpi: Kpi, day: date) -> dict[str, Threshold]:
    source = rule if rule.has_own_limits else kpi
    found = {key: in_force(getattr(source, key, ()), day) for key in LEVELS}
    return {key: threshold for key, threshold in found.items() if threshold is not None}


def _order(limits: dict[str, Threshold]) -> Iterable[tuple[str, str]]:
    for (mild, outer), (severe, inner) in combinations(limits.items(), 2):
        if outer.is_upper != inner.is_upper:
            if outer.meets(inner):
                yield severe, f"{severe} {inner} and {mild} {outer} both hold for some values"
        elif not outer.covers(inner):
            yield severe, f"{severe} {inner} is not within {mild} {outer}"


def _recoveries(rule: Rule, limits: dict[str, Threshold], day: date) -> Iterable[tuple[str, str]]:
    for key, levels in RECOVERY.items():
        threshold = in_force(getattr(rule, key), day)
        against = {level: limits[level] for level in levels if level in limits}
        if threshold is None:
            continue
        if not against:
            yield key, f"{key} {threshold} is without effect: there is no {' or '.join(levels)} to recover from"
        for level, limit in against.items():
            if threshold.meets(limit):
                yield key, f"{key} {threshold} holds where {level} {limit} does: it would be over while it lasts"
                break
