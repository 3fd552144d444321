"""What history says of a company, as known at an instant: the one place that pages get their numbers from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.catalogue.display import SHARES, kpi_text
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts.spec import Number

YEARS = 3


class Reading:
    """Observations of a company up to `day`, the last business day that is over, as known at `known_at`.

    A KPI's series is read once, when a page first asks for it.
    """

    def __init__(self, company: Company, store: HistoryStore, *, known_at: datetime, day: date | None = None) -> None:
        local = known_at.astimezone(company.tz)
        self.company = company
        self.store = store
        self.known_at = local
        self.day = local.date() - timedelta(days=1) if day is None else day
        self._series: dict[str, Mapping[date, Recorded]] = {}

    @property
    def language(self) -> str:
        return self.company.language

    def series(self, kpi_id: str) -> Mapping[date, Recorded]:
        """Every known day of the last three years, by day."""
        if kpi_id not in self._series:
            first = self.day - timedelta(days=366 * YEARS)
            found = self.store.series(self.company.id, kpi_id, first, self.day, known_at=self.known_at)
            self._series[kpi_id] = {row.day: row for row in found}
        return self._series[kpi_id]

    def row(self, kpi_id: str, day: date | None = None) -> Recorded | None:
        """The observation of a day, of the last one without `day`; None where nothing was recorded."""
        return self.series(kpi_id).get(self.day if day is None else day)

    def began(self, kpi: Kpi) -> date | None:
        """The first day that history has a value of; of amounts of which more is better, the first that is not 0.

        A count is 0 before anything was recorded, which says that nothing was counted yet, not that nobody came.
        """
        series = self.series(kpi.id)
        known = (day for day, row in series.items() if row.value is not None)
        if kpi.better != "higher" or kpi.grades or kpi.unit in SHARES:
            return next(known, None)
        return next((day for day, row in series.items() if row.value), next(known, None))

    def since_first(self, kpis: Sequence[Kpi], days: Sequence[date]) -> list[date]:
        """`days` from the first on by which any of these KPIs began; all of them where none did."""
        begun = [day for kpi in kpis if (day := self.began(kpi)) is not None]
        found = [day for day in days if begun and day >= min(begun)]
        return found or list(days)

    def values(self, kpi_id: str, days: Iterable[date]) -> tuple[Decimal | None, ...]:
        series = self.series(kpi_id)
        return tuple(series[day].value if day in series else None for day in days)

    def whole_days(self, kpi_id: str, days: Iterable[date]) -> list[date]:
        """Each day, or where its period was not over the newest day before it that ended one."""
        series = self.series(kpi_id)
        closed = [day for day, row in series.items() if row.closed]
        found = []
        for day in days:
            row, before = series.get(day), bisect_right(closed, day)
            found.append(day if row is None or row.closed or not before else closed[before - 1])
        return found

    def number(self, kpi: Kpi, day: date | None = None) -> Number:
        """A value as people read it, with its KPI and day; a dash where there is none."""
        when = self.day if day is None else day
        row = self.row(kpi.id, when)
        ref = (("kpi", kpi.id), ("day", when.isoformat()))
        if row is None:
            return Number(kpi_text(kpi, None, self.language), None, ref)
        return Number(kpi_text(kpi, row.value, self.language, reason=row.reason), row.value, ref)


def month_ends(until: date, count: int) -> list[date]:
    """The last days of so many complete months, in order; a month that is not over at the end of `until` is not one."""
    found: list[date] = []
    first = (until + timedelta(days=1)).replace(day=1)
    while len(found) < count:
        found.append(first - timedelta(days=1))
        first = found[-1].replace(day=1)
    return found[::-1]


def quarter_ends(until: date, count: int) -> list[date]:
    return [day for day in month_ends(until, 3 * count + 2) if day.month % 3 == 0][-count:]


def week_ends(until: date, count: int) -> list[date]:
    """The Sundays of so many complete ISO weeks, in order."""
    last = until - timedelta(days=until.isoweekday() % 7)
    return [last - timedelta(weeks=back) for back in range(count - 1, -1, -1)]
