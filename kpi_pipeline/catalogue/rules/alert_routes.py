"""The routing tree: every route can be reached, matches something that exists, and ends at somebody.

A route that is never taken, or that ends nowhere, loses alerts without a trace, so both are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kpi_pipeline.catalogue.alerting import AUDIENCES, DATA_GROUP, LABELS, RESERVED, SEVERITIES, Route
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.rules.alerting import CODE, receiver_fault, unknown
from kpi_pipeline.errors import Issue

Match = Mapping[str, str]


def routes_lead_somewhere(company: Company) -> Iterable[Issue]:
    if company.alerts.route.match:
        yield _at(company, "route.match", "the first route takes every alert: write `match` in one below it")
    for path, message in _faults(company, "route", company.alerts.route, ()):
        yield _at(company, path, message)


def match_faults(company: Company, match: Match) -> Iterator[tuple[str, str]]:
    """What is wrong with what a route or mute matches, by label: unknown labels, values and patterns."""
    for label, wanted in match.items():
        if label not in LABELS:
            yield label, f"{unknown('label', label, LABELS)}: labels are {', '.join(LABELS)}"
            continue
        known = label_values(company, label)
        if not wanted.startswith("~"):
            if known is not None and wanted not in known:
                yield label, unknown(label, wanted, known)
            continue
        try:
            pattern = re.compile(wanted[1:].strip())
        except re.error as error:
            yield label, f"{wanted!r} is no pattern ({error})"
            continue
        if known is not None and not any(pattern.fullmatch(value) for value in known):
            yield label, f"{wanted!r} matches no {label}"


def _faults(company: Company, path: str, route: Route, above: Sequence[tuple[str, Match]]) -> Iterator[tuple[str, str]]:
    yield from ((f"{path}.match.{label}", message) for label, message in match_faults(company, route.match))
    if not route.to:
        yield f"{path}.to", "a route to nobody loses its alerts: name somebody, or leave `to` out for the owners"
    for name in route.to:
        fault = receiver_fault(company, name)
        if fault is not None:
            yield f"{path}.to", fault
    unknown_channels = [name for name in route.channels if name not in company.channels]
    for name in unknown_channels:
        yield f"{path}.channels", unknown("channel", name, company.channels)
    if route.channels and not unknown_channels:
        for person in _named(company, route.to):
            if not set(route.channels).intersection(company.people[person].channels):
                yield f"{path}.channels", f"{person} has none of the channels {', '.join(route.channels)}"
    for label, wanted, where in _contradictions(route.match, above):
        yield f"{path}.match.{label}", f"never taken: {label} is {wanted} in {where}"
    for index, child in enumerate(route.routes):
        where = f"{path}.routes.{index}"
        for place, earlier in enumerate(route.routes[:index]):
            if not earlier.continue_ and implies(child.match, earlier.match):
                line = company.alerts.line_of(f"{path}.routes.{place}")
                yield where, f"never taken: the route on line {line} takes all it matches; put it first, or `continue`"
                break
        yield from _faults(company, where, child, (*above, (where, child.match)))


def implies(narrow: Match, wide: Match) -> bool:
    """Whether whatever `narrow` matches, `wide` matches too, as far as their texts show."""
    return all(_covers(narrow.get(label), wanted) for label, wanted in wide.items())


def _covers(narrow: str | None, wide: str) -> bool:
    if wide.startswith("~") and re.fullmatch(r"\(?\.\*\)?", wide[1:].strip()):
        return True
    if narrow is None or narrow == wide:
        return narrow == wide
    return wide.startswith("~") and not narrow.startswith("~") and _fits(wide, narrow)


def _contradictions(match: Match, above: Sequence[tuple[str, Match]]) -> Iterator[tuple[str, str, str]]:
    for where, outer in above[:-1]:
        for label, wanted in match.items():
            given = outer.get(label)
            if given is None or label == "owner" or wanted.startswith("~"):  # an alert may have several owners
                continue
            if given != wanted and not (given.startswith("~") and _fits(given, wanted)):
                yield label, given, f"the route above it ({where})"


def _fits(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern[1:].strip(), value) is not None
    except re.error:  # told by match_faults, with its line
        return True


def _named(company: Company, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in company.people:
            yield name
        elif name in company.rotas and name not in AUDIENCES:
            yield from (member for member in company.rotas[name].members if member in company.people)


def label_values(company: Company, label: str) -> list[str] | None:
    """What a label can be; None for one that is not declared anywhere."""
    groups = {kpi.group for kpi in company.kpis.values()} | {rule.group for rule in company.alerts.rules}
    return {
        "company": [company.id],
        "kpi": list(company.kpis),
        "rule": [*(rule.id for rule in company.alerts.rules), *RESERVED],
        "owner": [*company.people, *company.rotas],
        "severity": list(SEVERITIES),
        "group": sorted((groups | {DATA_GROUP}) - {""}),
        "source": list(company.sources),
    }.get(label)


def _at(company: Company, path: str, message: str) -> Issue:
    return Issue(company.alerts.file, company.alerts.line_of(path), message, rule=CODE)
