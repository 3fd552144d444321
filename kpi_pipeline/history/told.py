"""One KPI over days as it was told: what was reported first, what was known at an instant, what is known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.restatements import is_final
from kpi_pipeline.history.store import HistoryStore


@dataclass(frozen=True, slots=True)
class Told:
    """A day: `reported` is its first final value, `known` what was known at the instant asked for, `now` what is."""

    day: date
    reported: Recorded | None
    known: Recorded | None
    now: Recorded | None
    revisions: int


def told(
    store: HistoryStore, company: str, kpi: str, first: date, last: date, *, known_at: datetime, segment: str = ""
) -> list[Told]:
    """Every recorded day of [first, last] in order. Raises StoreUnavailable."""
    rows = store.revisions(company, kpi, first, last, segment=segment)
    return [_told(day, list(group), known_at) for day, group in groupby(rows, key=lambda row: row.day)]


def _told(day: date, rows: list[Recorded], known_at: datetime) -> Told:
    then = [row for row in rows if row.recorded_at <= known_at]
    return Told(
        day=day,
        reported=next((row for row in rows if is_final(row)), None),
        known=then[-1] if then else None,
        now=next((row for row in rows if row.superseded_at is None), None),
        revisions=len(rows) - 1,
    )
