"""What routes, silences and mutes match on: the labels of an alert, and patterns on them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.rules import owners_of
from kpi_pipeline.catalogue.alerting import LABELS
from kpi_pipeline.catalogue.model import Company, Rule

Labels = Mapping[str, str | tuple[str, ...]]
MATCHER = re.compile(r"\s*([a-z_]+)\s*(!~|=~|!=|=)\s*(.*?)\s*")


def labels_of(company: Company, rule: Rule, state: AlertState) -> Labels:
    """The labels of an alert; `owner` has several values and matches when any of them does."""
    kpi = company.kpis.get(state.subject)
    return {
        "company": company.id,
        "kpi": state.subject if kpi is not None else "",
        "rule": rule.id,
        "owner": owners_of(company, rule, state.subject),
        "severity": state.actual if state.actual != "ok" else state.told_level,
        "group": rule.group or ("" if kpi is None else kpi.group),
        "segment": state.segment,
        "source": state.subject.removeprefix("source/") if state.subject.startswith("source/") else "",
    }


def parse_matcher(text: str) -> tuple[str, str, str]:
    """'kpi=~nps.*' → (kpi, =~, nps.*); raises ValueError with what may be written."""
    match = MATCHER.fullmatch(text)
    if match is None or match[1] not in LABELS:
        raise ValueError(f"{text!r}: write LABEL=VALUE, !=, =~ or !~, with a label of {', '.join(LABELS)}")
    if match[2] in ("=~", "!~"):
        try:
            re.compile(match[3])
        except re.error as error:
            raise ValueError(f"{text!r}: {match[3]!r} is no pattern ({error})") from None
    return match[1], match[2], match[3]


def matches(matchers: Iterable[tuple[str, str, str]], labels: Labels) -> bool:
    """Whether all matchers hold; a pattern must match the whole value."""
    return all(_holds(operator, wanted, labels.get(label, "")) for label, operator, wanted in matchers)


def of_mapping(match: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The matchers of a route or mute as written in YAML: a value, or with ~ before it a pattern."""
    return [
        (label, "=~", text[1:].strip()) if text.startswith("~") else (label, "=", text) for label, text in match.items()
    ]


def _holds(operator: str, wanted: str, found: str | tuple[str, ...]) -> bool:
    values = found if isinstance(found, tuple) else (found,)
    if operator in ("=~", "!~"):
        hit = any(re.fullmatch(wanted, value) is not None for value in values)
    else:
        hit = wanted in values
    return hit if operator in ("=", "=~") else not hit
