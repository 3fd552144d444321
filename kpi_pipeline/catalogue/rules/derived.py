"""Targets that come from other targets move with them: ARR is 12 × MRR, so their targets are too.

A target that does not follow is a contradiction, told with the numbers and the day from which it holds: frameworks
print such targets, and which of the two to change is not ours to choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from kpi_pipeline.catalogue.arithmetic import Call, Name, Number, Operation, Term, apply, names, parse
from kpi_pipeline.catalogue.model import Company, Kpi, Threshold, in_force
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.thresholds import OPERATORS
from kpi_pipeline.errors import Issue

BOUNDED = re.compile(r"\s*(>=|<=|>|<)?\s*(.+)", re.DOTALL)
SHOWN = Decimal("0.0001")


def targets_follow(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        line = kpi.line_of("target_follows")
        for message, severity in findings(company, kpi):
            yield Issue(kpi.file, line, f"KPI {kpi.id}: {message}", severity, "derived-target")


def findings(company: Company, kpi: Kpi) -> Iterable[tuple[str, str]]:
    """What is wrong with the target of a KPI that follows from others, and how severe it is."""
    for text in kpi.target_follows:
        yield from _findings(company, kpi, text)


def _findings(company: Company, kpi: Kpi, text: str) -> Iterable[tuple[str, str]]:
    match = BOUNDED.fullmatch(text)
    operator, expression = (match[1], match[2]) if match is not None else (None, text)
    try:
        tree = parse(expression)
    except ValueError as error:
        yield f"target_follows: {error}", "error"
        return
    faults = list(_faults(company, kpi, tree))
    yield from ((fault, "error") for fault in faults)
    if not faults:
        yield from ((message, "contradiction") for message in _differences(company, kpi, operator, expression, tree))


def _faults(company: Company, kpi: Kpi, tree: Term) -> Iterable[str]:
    if not kpi.target:
        yield "target_follows, but there is no target"
    for name in names(tree):
        if name.kpi not in company.kpis:
            yield f"target_follows names no KPI: {name.kpi!r}{did_you_mean(name.kpi, company.kpis)}"
        elif not company.kpis[name.kpi].target:
            yield f"target_follows names {name.kpi}, which has no target"
        elif name.periods or name.months or name.days:
            yield f"target_follows: the target of {name.kpi} has no earlier periods and no mean"


def _differences(company: Company, kpi: Kpi, operator: str | None, expression: str, tree: Term) -> Iterable[str]:
    """One sentence for each span of days on which the targets in force do not agree."""
    others = [company.kpis[name] for name in dict.fromkeys(name.kpi for name in names(tree))]
    found = []
    for day in _change_days([kpi, *others]):
        in_effect = {each.id: in_force(each.target, day) for each in others}
        found.append((_difference(in_force(kpi.target, day), in_effect, operator, expression, tree), day))
    for message, days in groupby(found, key=lambda each: each[0]):
        since = next(days)[1]
        if message is not None:
            yield message if since == date.min else f"from {since} on {message}"


def _difference(
    own: Threshold | None,
    others: Mapping[str, Threshold | None],
    operator: str | None,
    expression: str,
    tree: Term,
) -> str | None:
    values = {name: threshold.value for name, threshold in others.items() if threshold is not None}
    if own is None or len(values) < len(others):
        return None
    implied = _value(tree, values)
    if implied is not None:
        same = own.value == implied.quantize(own.value, ROUND_HALF_UP)  # a target is printed rounded
        if same if operator is None else OPERATORS[operator](own.value, implied):
            return None
    number = "no number" if implied is None else f"{_plain(implied)}"
    given = ", ".join(f"{name} {threshold}" for name, threshold in others.items())
    relation = "is not" if operator is None else f"is not {operator}"
    return f"the target {own} {relation} {expression} = {number} (targets: {given})"


def _value(term: Term, targets: Mapping[str, Decimal]) -> Decimal | None:
    match term:
        case Number(value):
            return value
        case Name() as name:
            return targets[name.kpi]
        case Call(argument):
            return _value(argument, targets)
        case Operation(operator, left, right):
            return apply(operator, _value(left, targets), _value(right, targets))


def _plain(number: Decimal) -> str:
    text = f"{number.quantize(SHOWN):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _change_days(kpis: Iterable[Kpi]) -> list[date]:
    return [date.min, *sorted({each.since for kpi in kpis for each in kpi.target if each.since is not None})]
