"""The values of one KPI by when they were known, and up to when its sources had been read by then. Pure.

What is measured day by day is known when it was recorded. Days that ended before the first recording were filled in
later; they count as known when they would have been: once the sources had settled and the value was final.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.history.observation import Recorded


@dataclass(frozen=True, slots=True)
class Known:
    """Something to judge at `at`: a row that came to be known, or (None) one that closed because sources were read."""

    at: datetime
    kpi: str
    row: Recorded | None


class KnownThen:
    """Every row of a KPI, and `read`: (when, up to when its sources were read and settled), in order.

    `settles` is how long the slowest of its sources takes; where `read` says nothing, sources count as read always.
    """

    def __init__(
        self, kpi: Kpi, rows: Iterable[Recorded], read: Sequence[tuple[datetime, datetime]], settles: timedelta
    ) -> None:
        self.kpi, self.settles = kpi, settles
        self.rows = sorted(rows, key=lambda row: (row.recorded_at, row.segment, row.day))
        self.since = self.rows[0].recorded_at if self.rows else None
        self._final_after = max(settles, kpi.settles_after)
        self._read_at = [at for at, _ in read]
        self._read_to = [until for _, until in read]

    @property
    def filled_in(self) -> int:
        """How many days were recorded later than they would have been known."""
        return sum(self.is_filled_in(row) for row in self.rows)

    def is_filled_in(self, row: Recorded) -> bool:
        return row.cause == "first" and self.since is not None and self._final_at(row) < self.since

    def closed_until(self, at: datetime) -> datetime:
        """Up to when its sources had been read and settled at an instant."""
        place = bisect_right(self._read_at, at)
        return at - self.settles if place == 0 else self._read_to[place - 1]

    def moments(self) -> Iterator[Known]:
        """When something came to be known of it, in no order."""
        for row in self.rows:
            at = self._final_at(row) if self.is_filled_in(row) else row.recorded_at
            yield Known(at, self.kpi.id, row)
            if row.closed and row.period_end > self.closed_until(at):
                closes = self._closes_at(row, at)
                if closes is not None:
                    yield Known(closes, self.kpi.id, None)

    def _final_at(self, row: Recorded) -> datetime:
        return row.period_end + self._final_after

    def _closes_at(self, row: Recorded, at: datetime) -> datetime | None:
        """When its sources had been read to beyond the end of a row that was known at `at`; None: not yet."""
        if not self._read_at or self._read_at[0] > row.period_end + self.settles > at:
            return row.period_end + self.settles
        for place in range(bisect_right(self._read_at, at), len(self._read_at)):
            if self._read_to[place] >= row.period_end:
                return self._read_at[place]
        return None


class Series:
    """The values of one KPI and segment known so far, by day."""

    def __init__(self) -> None:
        self.by_day: dict[date, Recorded] = {}
        self._days: list[date] = []

    def put(self, row: Recorded) -> Recorded | None:
        """Take a row; the one it replaces."""
        before = self.by_day.get(row.day)
        if before is None:
            self._days.insert(bisect_right(self._days, row.day), row.day)
        self.by_day[row.day] = row
        return before

    def after(self, day: date | None) -> list[Recorded]:
        start = 0 if day is None else bisect_right(self._days, day)
        return [self.by_day[each] for each in self._days[start:]]
