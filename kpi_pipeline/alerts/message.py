"""The words of a notice in Dutch and English, free of any channel's markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.catalogue.display import (
    NOTHING,
    day_text,
    evidence_text,
    status_text,
    threshold_text,
    value_text,
)
from kpi_pipeline.catalogue.model import THRESHOLD, Company, Kpi, Threshold

WORDS: dict[str, dict[str, str]] = {
    "first_breach": {"nl": "over de grens", "en": "past its threshold"},
    "worse": {"nl": "verslechterd", "en": "got worse"},
    "better": {"nl": "verbeterd, nog niet hersteld", "en": "improved, not yet recovered"},
    "resolved": {"nl": "hersteld", "en": "recovered"},
    "value": {"nl": "Waarde", "en": "Value"},
    "threshold": {"nl": "Grens", "en": "Threshold"},
    "target": {"nl": "Doel", "en": "Target"},
    "since": {"nl": "Sinds", "en": "Since"},
    "worst": {"nl": "Slechtste waarde", "en": "Worst value"},
    "owner": {"nl": "Eigenaar", "en": "Owner"},
    "meaning": {"nl": "Betekenis", "en": "Meaning"},
    "next": {"nl": "Uitleg met de onderliggende records", "en": "Explanation with the records behind it"},
    "notice": {"nl": "Bericht", "en": "Notice"},
    "n": {"nl": "n", "en": "n"},
}


@dataclass(frozen=True, slots=True)
class Message:
    """A headline, facts as (label, value), and a footer with the stable notice id; `at` is when it was made."""

    notice_id: str
    level: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    footer: str
    at: datetime | None = None

    def text(self) -> str:
        lines = [self.headline, *(f"{label}: {value}" for label, value in self.facts), self.footer]
        return "\n".join(lines)


def threshold_message(
    company: Company, kpi: Kpi, notice_id: str, reason: str, level: str, content: Mapping[str, Any]
) -> Message:
    """What happened to a KPI: value with n against threshold and target, since when, whose it is, what to do next."""
    language = company.language
    value = None if content["value"] is None else Decimal(content["value"])
    shown = value_text(value, kpi.unit, language)
    headline = f"{status_text(content['status'], language)}: {kpi.title(language)} {_word(reason, language)}: {shown}"
    crossed = content["critical"] if level == "critical" else content["warning"]
    facts = [
        (_word("value", language), f"{shown} ({_evidence(kpi, content, language)}), {_day(content['day'], language)}")
    ]
    if level != "ok":
        facts.append((_word("threshold", language), _threshold(crossed, kpi.unit, language)))
    facts.append((_word("target", language), _threshold(content["target"], kpi.unit, language)))
    if content["since"] is not None:
        facts.append((_word("since", language), _day(content["since"], language)))
    if reason == "resolved" and content["worst"] is not None:
        facts.append((_word("worst", language), value_text(Decimal(content["worst"]), kpi.unit, language)))
    names = [company.people[owner].name for owner in content["owners"] if owner in company.people]
    names += [company.rotas[owner].name for owner in content["owners"] if owner in company.rotas]
    facts.append((_word("owner", language), ", ".join(names)))
    if kpi.reading:
        facts.append((_word("meaning", language), kpi.reading))
    command = f"kpi explain {company.id} {kpi.id} --on {content['day']}"
    facts.append((_word("next", language), command))
    footer = f"{company.name} · {_word('notice', language)} {notice_id}"
    return Message(notice_id, level, headline, tuple(facts), footer)


def plain_message(company: Company, notice_id: str, level: str, content: Mapping[str, Any]) -> Message:
    """A notice about a source or a run: its own headline and facts, written when it was made."""
    facts = tuple((str(label), str(value)) for label, value in content.items() if value)
    footer = f"{company.name} · {_word('notice', company.language)} {notice_id}"
    return Message(notice_id, level, str(content.get("rule")), facts, footer)


def _evidence(kpi: Kpi, content: Mapping[str, Any], language: str) -> str:
    value, numerator, denominator = (
        None if content[name] is None else Decimal(content[name]) for name in ("value", "numerator", "denominator")
    )
    return evidence_text(kpi, language, value=value, numerator=numerator, denominator=denominator, n=content["n"])


def _threshold(text: str | None, unit: str, language: str) -> str:
    if text is None:
        return NOTHING
    match = THRESHOLD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a threshold")
    return threshold_text(Threshold(op=match[1], value=Decimal(match[2])), unit, language)


def _day(text: str, language: str) -> str:
    return day_text(date.fromisoformat(text), language)


def _word(key: str, language: str) -> str:
    return WORDS[key][language] if key in WORDS else key
