"""Business time: milliseconds of opening hours of a working calendar, exact over clock changes and holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import ibis
import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import WorkingCalendar
from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.metrics.spine import Spine, midnight_ms
from kpi_pipeline.metrics.windows import day_index

COLUMNS = ("open_day", "opens_ms", "closes_ms", "open_before_ms")


@dataclass(frozen=True, slots=True)
class OpenDay:
    """The opening hours of one local day, [opens_ms, closes_ms), empty when closed; and all of them before it."""

    index: int
    opens_ms: int
    closes_ms: int
    open_before_ms: int


class BusinessTime:
    """Opening hours from the local day `first` to `last`; time outside those days counts as closed."""

    def __init__(self, calendar: WorkingCalendar, zone: ZoneInfo, first: date, last: date) -> None:
        self.days = open_days(
            calendar.days, calendar.opens.isoformat(), calendar.closes.isoformat(), calendar.holidays, zone, first, last
        )

    def before(self, instant_ms: int, local_day: int) -> int:
        """Open milliseconds from the first day until an instant, whose local day is given."""
        place = local_day - self.days[0].index
        if place < 0:
            return 0
        day = self.days[min(place, len(self.days) - 1)]
        return day.open_before_ms + max(0, min(instant_ms, day.closes_ms) - day.opens_ms)

    def add(self, rows: ir.Table, instant: str, spine: Spine, into: str) -> ir.Table:
        """Adds the int64 column `into`: open milliseconds from the first day until the instant; null for null."""
        table = Spine.rows(COLUMNS, [(d.index, d.opens_ms, d.closes_ms, d.open_before_ms) for d in self.days])
        first, last = self.days[0].index, self.days[-1].index
        day = ibis.greatest(ibis.least(spine.local_day(rows[instant]), last), first)
        located = rows.mutate(open_day=day).left_join(table, "open_day")
        reached = ibis.least(located[instant], located.closes_ms)
        inside = ibis.ifelse(reached > located.opens_ms, reached - located.opens_ms, 0)
        return located.mutate(**{into: located.open_before_ms + inside}).select(*rows.columns, into)


@lru_cache(maxsize=64)
def open_days(
    weekdays: tuple[int, ...], opens: str, closes: str, country: str | None, zone: ZoneInfo, first: date, last: date
) -> Sequence[OpenDay]:
    """The opening hours of every local day from `first` to `last`; closing at 00:00 is the end of the day."""
    days: list[OpenDay] = []
    free = holidays.country_holidays(country, years=range(first.year, last.year + 1)) if country else {}
    before = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        start = _instant(day, opens, zone)
        end = start
        if day.isoweekday() in weekdays and day not in free:
            end = _instant(day, closes, zone) if closes > opens else midnight_ms(day + timedelta(days=1), zone)
        days.append(OpenDay(day_index(day), start, end, before))
        before += end - start
    return tuple(days)


def _instant(day: date, clock: str, zone: ZoneInfo) -> int:
    local = datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=zone)
    return epoch_ms(local.astimezone(UTC))
