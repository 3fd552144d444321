"""What audits found, as they found it: kept append-only, so that a difference has an age and a report its own past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Select, insert, select

from kpi_pipeline.history.chain import exact
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.history.evidence import audit_verdict
from kpi_pipeline.history.store import HistoryStore

Kind = Literal["ok", "differs", "explained", "suspect", "not_evaluated"]
QUIET = ("level", "trend", "volume")  # one of each for every KPI and day would be most of the database
LOOKBACK = timedelta(days=400)
OPEN = ("differs", "suspect")
NUMBERS = ("left", "right", "difference", "allowed", "value", "expected", "score")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one audit found of one subject on one day.

    `rule` is level, trend, volume, or the id of a reconciliation; `subject` the KPI, or the reconciliation again. A
    reconciliation has `left`, `right`, `difference` and what was `allowed`; the others the `value`, what was `expected`
    from history and how many robust standard deviations (`score`) lie between. `reason` says why nothing could be
    evaluated, or how the difference is explained (`by` whom, until when that `expires`). `kpis` are those that it
    speaks of.
    """

    rule: str
    subject: str
    day: date
    verdict: Kind
    kpis: tuple[str, ...] = ()
    left: Decimal | None = None
    right: Decimal | None = None
    difference: Decimal | None = None
    allowed: Decimal | None = None
    value: Decimal | None = None
    expected: Decimal | None = None
    score: Decimal | None = None
    reason: str = ""
    by: str = ""
    expires: date | None = None

    @property
    def is_open(self) -> bool:
        return self.verdict in OPEN


@dataclass(frozen=True, slots=True)
class Aged:
    """The newest verdict of a subject, and since which day it has been open without a break; None when it is not."""

    verdict: Verdict
    open_since: date | None
    recorded_at: datetime
    run_id: str
    earlier: tuple[Verdict, ...] = field(default=(), repr=False)

    @property
    def age_days(self) -> int:
        return 0 if self.open_since is None else (self.verdict.day - self.open_since).days


def save(store: HistoryStore, company: str, verdicts: Sequence[Verdict], *, run_id: str, now: datetime) -> int:
    """Keep the verdicts that say something new of their rule, subject and day; returns how many those were.

    A KPI that stays in line (or cannot be judged) day after day is one row, the first of those days.
    """
    if not verdicts:
        return 0
    with writing(store.engine, f"saving {len(verdicts)} verdicts of {company}", company) as connection:
        known: dict[tuple[str, str], dict[date, Verdict]] = defaultdict(dict)
        for row in connection.execute(_kept(company, max(each.day for each in verdicts))):
            known[row.rule, row.subject][row.day] = _verdict(row)
        news = [each for each in verdicts if _is_news(each, known[each.rule, each.subject])]
        if news:
            connection.execute(insert(audit_verdict), [_row(company, each, run_id, now) for each in news])
    return len(news)


def _is_news(verdict: Verdict, known: dict[date, Verdict]) -> bool:
    if verdict.day in known:
        return known[verdict.day] != verdict
    before = max((day for day in known if day < verdict.day), default=None)
    return before is None or verdict.rule not in QUIET or verdict.is_open or known[before].verdict != verdict.verdict


def newest(store: HistoryStore, company: str, day: date, *, known_at: datetime | None = None) -> list[Aged]:
    """The newest verdict up to `day` of every rule and subject, as known at an instant; by rule and subject."""
    query = _kept(company, day)
    if known_at is not None:
        query = query.where(audit_verdict.c.recorded_at <= known_at)
    by_subject: dict[tuple[str, str], dict[date, Any]] = defaultdict(dict)
    with answering(store.engine, f"reading the audits of {company}"), store.engine.connect() as connection:
        for row in connection.execute(query):
            by_subject[row.rule, row.subject][row.day] = row
    return [_aged([rows[day] for day in sorted(rows)]) for _, rows in sorted(by_subject.items())]


def _kept(company: str, until: date) -> Select[Any]:
    return (
        select(audit_verdict)
        .where(audit_verdict.c.company == company, audit_verdict.c.day.between(until - LOOKBACK, until))
        .order_by(audit_verdict.c.id)
    )


def _aged(rows: Sequence[Any]) -> Aged:
    """Rows of one rule and subject, one a day, oldest first."""
    verdicts = [_verdict(row) for row in rows]
    since = None
    for each in reversed(verdicts):
        if not each.is_open:
            break
        since = each.day
    last = rows[-1]
    return Aged(verdicts[-1], since, last.recorded_at, last.run_id, tuple(verdicts[:-1]))


def _row(company: str, verdict: Verdict, run_id: str, now: datetime) -> dict[str, Any]:
    content: dict[str, Any] = {name: exact(getattr(verdict, name)) for name in NUMBERS}
    content |= {"kpis": list(verdict.kpis), "reason": verdict.reason, "by": verdict.by}
    content["expires"] = None if verdict.expires is None else verdict.expires.isoformat()
    return {
        "company": company,
        "rule": verdict.rule,
        "subject": verdict.subject,
        "day": verdict.day,
        "verdict": verdict.verdict,
        "content": content,
        "run_id": run_id,
        "recorded_at": now,
    }


def _verdict(row: Any) -> Verdict:
    content = row.content
    numbers = {name: None if content[name] is None else Decimal(content[name]) for name in NUMBERS}
    return Verdict(
        rule=row.rule,
        subject=row.subject,
        day=row.day,
        verdict=row.verdict,
        kpis=tuple(content["kpis"]),
        reason=content["reason"],
        by=content["by"],
        expires=None if content["expires"] is None else date.fromisoformat(content["expires"]),
        **numbers,
    )


def touching(found: Iterable[Aged], kpi: str) -> list[Aged]:
    """Those that speak of a KPI."""
    return [each for each in found if kpi in each.verdict.kpis]
