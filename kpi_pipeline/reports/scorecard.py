"""The weekly scorecard of a company: what the page says, as data, read from history only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.catalogue.display import (
    NOTHING,
    STATUS,
    day_text,
    instant_text,
    kpi_text,
    status_text,
    step_text,
    threshold_text,
)
from kpi_pipeline.catalogue.evidence import evidence_text
from kpi_pipeline.catalogue.model import Company, Kpi, in_force
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts import sparkline
from kpi_pipeline.reports.freshness import SourceFreshness

WEEKS = 26
EXCEPTIONS = 5
ORDER = ("critical", "warning", "below_target", "stale", "no_data", "low_sample", "provisional", "unrated", "ok")


@dataclass(frozen=True, slots=True)
class Row:
    """One KPI as it is written on the page. `evidence`: numerator / denominator, n, and who filled them in by hand."""

    kpi_id: str
    name: str
    value: str
    target: str
    threshold: str
    previous: str
    evidence: str
    status: str
    status_words: str
    day: str
    spark: str
    owners: str
    meaning: str
    is_companion: bool


@dataclass(frozen=True, slots=True)
class FreshnessRow:
    source: str
    newest: str
    loaded: str
    owner: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything the page shows; `data_until` is the last business day in it, `complete` whether its week is over.

    `undelivered` counts messages of alerts that no channel took.
    """

    company_id: str
    company: str
    language: str
    year: int
    week: int
    first: date
    last: date
    data_until: date
    complete: bool
    known_at: datetime
    rows: tuple[Row, ...]
    exceptions: tuple[Row, ...]
    more_exceptions: int
    counts: Mapping[str, int]
    freshness: tuple[FreshnessRow, ...]
    undelivered: int = 0

    @property
    def all_on_target(self) -> bool:
        """Whether every KPI was judged and is fine; nothing being wrong is not the same."""
        return bool(self.rows) and self.counts["ok"] == sum(self.counts.values())


def build(
    company: Company,
    store: HistoryStore,
    *,
    now: datetime,
    freshness: Sequence[SourceFreshness] = (),
    week_of: date | None = None,
    by_hand: Mapping[str, str] | None = None,
    undelivered: int = 0,
) -> Scorecard:
    """The scorecard of the ISO week of `week_of` (default: of yesterday in the company's zone), as known at `now`.

    Values are those of the last complete business day of that week; a week that is not over says so. `by_hand` says of
    KPIs that people filled in who did, and when. Raises UsageError for a week without a complete day.
    """
    today = now.astimezone(company.tz).date()
    day = today - timedelta(days=1) if week_of is None else week_of
    year, week, weekday = day.isocalendar()
    first = day - timedelta(days=weekday - 1)
    last = first + timedelta(days=6)
    until = min(last, today - timedelta(days=1))
    if until < first:
        raise UsageError(
            f"building the scorecard of {company.id} for {year}-W{week:02d}",
            "no day of that week is over yet",
            remedy=f"Ask for a week up to that of {until}",
        )
    rows: list[Row] = []
    notes = {} if by_hand is None else by_hand
    for kpi in company.headline_kpis():
        listed = (kpi, *company.companions(kpi.id))
        rows.extend(_row(company, store, each, until, now, notes.get(each.id)) for each in listed)
    main = [row for row in rows if not row.is_companion]
    troubled = [row for row in main if row.status in ("critical", "warning", "below_target", "stale", "no_data")]
    troubled.sort(key=lambda row: ORDER.index(row.status))
    return Scorecard(
        company_id=company.id,
        company=company.name,
        language=company.language,
        year=year,
        week=week,
        first=first,
        last=last,
        data_until=until,
        complete=today > last,
        known_at=now.astimezone(company.tz),
        rows=tuple(rows),
        exceptions=tuple(troubled[:EXCEPTIONS]),
        more_exceptions=max(0, len(troubled) - EXCEPTIONS),
        counts={status: sum(row.status == status for row in main) for status in STATUS},
        freshness=tuple(_freshness(company, item, now) for item in freshness),
        undelivered=undelivered,
    )


def _row(company: Company, store: HistoryStore, kpi: Kpi, until: date, now: datetime, by_hand: str | None) -> Row:
    language = company.language
    series = store.series(company.id, kpi.id, until - timedelta(weeks=WEEKS), until, known_at=now)
    by_day = {row.day: row for row in series}
    shown = by_day.get(until)
    target = in_force(kpi.target, until)
    weekly = [by_day.get(until - timedelta(weeks=back)) for back in range(WEEKS, -1, -1)]
    values = [None if row is None else row.value for row in weekly]
    name = kpi.title(language)
    label = f"{name}: {' '.join(kpi_text(kpi, value, language) for value in values[-4:])}"
    status = "no_data" if shown is None else shown.status
    return Row(
        kpi_id=kpi.id,
        name=name,
        value=_value(shown, kpi, language),
        target=threshold_text(target, kpi.unit, language),
        threshold=threshold_text(in_force(kpi.critical, until), kpi.unit, language),
        previous=step_text(kpi, _plain(shown), _plain(by_day.get(until - timedelta(weeks=1))), language),
        evidence="; ".join(filter(None, (_evidence(shown, kpi, company), by_hand))),
        status=status,
        status_words=status_text(status, language),
        day=day_text(until if shown is None else shown.day, language),
        spark=sparkline(values, None if target is None else target.value, label),
        owners=", ".join(_owner(company, owner) for owner in kpi.owners),
        meaning=kpi.read_as(language) or kpi.origin,
        is_companion=kpi.companion_of is not None,
    )


def _plain(row: Recorded | None) -> Decimal | None:
    return None if row is None else row.value


def _value(row: Recorded | None, kpi: Kpi, language: str) -> str:
    if row is None:
        return kpi_text(kpi, None, language)
    return kpi_text(kpi, row.value, language, reason=row.reason)


def _evidence(row: Recorded | None, kpi: Kpi, company: Company) -> str:
    if row is None:
        return NOTHING
    sides = {"numerator": row.numerator, "denominator": row.denominator}
    return evidence_text(company, kpi, company.language, value=row.value, n=row.n, **sides)


def _owner(company: Company, owner: str) -> str:
    return company.rotas[owner].name if owner in company.rotas else company.people[owner].name


def _freshness(company: Company, item: SourceFreshness, now: datetime) -> FreshnessRow:
    language = company.language

    def text(instant: datetime | None) -> str:
        return NOTHING if instant is None else instant_text(instant.astimezone(company.tz), language)

    return FreshnessRow(
        item.source, text(item.newest_at), text(item.loaded_at), _owner(company, item.owner), item.is_stale(now)
    )
