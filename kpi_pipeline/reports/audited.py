"""What the newest audit of a company found: as data for a page, and as kpi-audit.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.history.chain import exact
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.verdicts import NUMBERS, QUIET, Aged, newest

RULES = {
    "nl": {"level": "Niveau", "trend": "Verloop", "volume": "Aantal records"},
    "en": {"level": "Level", "trend": "Trend", "volume": "Volume"},
}
VERDICTS = {
    "nl": {
        "ok": "✓ klopt",
        "differs": "■ open verschil",
        "explained": "◇ verklaard",
        "suspect": "▲ verdacht",
        "not_evaluated": "· niet beoordeeld",
    },
    "en": {
        "ok": "✓ agrees",
        "differs": "■ open difference",
        "explained": "◇ explained",
        "suspect": "▲ suspect",
        "not_evaluated": "· not evaluated",
    },
}
# Worst first.
ORDER = ("differs", "suspect", "explained", "not_evaluated", "ok")


@dataclass(frozen=True, slots=True)
class Audited:
    """The verdicts of a company as known at an instant, worst and oldest first.

    `counts` are those of every verdict; a verdict of a KPI that is no longer declared is left out.
    """

    company: str
    day: date
    known_at: datetime
    found: tuple[Aged, ...]
    counts: Mapping[str, int]

    @property
    def open(self) -> tuple[Aged, ...]:
        return tuple(each for each in self.found if each.verdict.is_open)

    @property
    def reconciliations(self) -> tuple[Aged, ...]:
        return tuple(each for each in self.found if each.verdict.rule not in QUIET)


def audited(store: HistoryStore, company: Company, day: date, *, known_at: datetime) -> Audited:
    """What audits up to a day found, as known at an instant. Raises StoreUnavailable."""
    rules = {rule.id for rule in company.audit.reconcile}
    found = [
        each
        for each in newest(store, company.id, day, known_at=known_at)
        if (each.verdict.rule in QUIET and each.verdict.subject in company.kpis) or each.verdict.rule in rules
    ]
    found.sort(key=lambda each: (ORDER.index(each.verdict.verdict), -each.age_days, each.verdict.rule))
    return Audited(company.id, day, known_at, tuple(found), Counter(each.verdict.verdict for each in found))


def title(company: Company, each: Aged) -> str:
    """What was audited, in words: the reconciliation's name, or the KPI's with what was looked at."""
    verdict, language = each.verdict, company.language
    if verdict.rule in QUIET:
        return f"{company.kpis[verdict.subject].title(language)}: {RULES[language][verdict.rule]}"
    return next(rule.title(language) for rule in company.audit.reconcile if rule.id == verdict.rule)


def as_json(company: Company, found: Audited) -> bytes:
    """The file kpi-audit.json: counts, and every verdict with its numbers, age and explanation."""
    document = {
        "company": found.company,
        "day": found.day.isoformat(),
        "known_at": found.known_at.isoformat(),
        "counts": {verdict: found.counts.get(verdict, 0) for verdict in ORDER},
        "verdicts": _verdicts(company, found.found),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _verdicts(company: Company, found: Sequence[Aged]) -> list[dict[str, Any]]:
    return [
        {
            "rule": each.verdict.rule,
            "subject": each.verdict.subject,
            "name": title(company, each),
            "day": each.verdict.day.isoformat(),
            "verdict": each.verdict.verdict,
            **{name: exact(getattr(each.verdict, name)) for name in NUMBERS if getattr(each.verdict, name) is not None},
            "kpis": list(each.verdict.kpis),
            "open_since": None if each.open_since is None else each.open_since.isoformat(),
            "age_days": each.age_days,
            "reason": each.verdict.reason,
            "by": each.verdict.by,
            "expires": None if each.verdict.expires is None else each.verdict.expires.isoformat(),
            "run_id": each.run_id,
        }
        for each in found
    ]
