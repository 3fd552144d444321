"""The business days a measurement runs over, with every instant that matters, as rows a query can join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from kpi_pipeline.clock import epoch_ms, from_epoch_ms
from kpi_pipeline.metrics.windows import Shape, Window, day_index

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
COLUMNS = ("day_index", "start_ms", "as_of_ms", "window_start_ms", "window_start_day", "cut_ms")


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """One local day. It is judged as of its end, the running day as of now; late records count until `cut_ms`."""

    day: date
    start_ms: int
    as_of_ms: int
    window_start_ms: int
    window_end_ms: int
    window_start_day: int
    cut_ms: int
    is_over: bool
    closed: bool
    provisional: bool

    @property
    def index(self) -> int:
        return day_index(self.day)


class Spine:
    """The begun business days from `first` to `last` of one zone, seen through one window, known at `now`."""

    def __init__(
        self, first: date, last: date, window: Window, *, zone: ZoneInfo, now: datetime, settle: timedelta
    ) -> None:
        self.zone, self.window, self.now, self.settle = zone, window, now, settle
        self.now_ms = epoch_ms(now)
        self.days = [self._day(day) for day in _days(first, last) if midnight_ms(day, zone) < self.now_ms]

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def last(self) -> date:
        return self.days[-1].day

    @property
    def first_window_day(self) -> date:
        return self.window.first_day(self.first)

    @cached_property
    def table(self) -> ir.Table:
        """One row a business day: day_index, start_ms, as_of_ms, window_start_ms, window_start_day, cut_ms (int64)."""
        rows = [
            (day.index, day.start_ms, day.as_of_ms, day.window_start_ms, day.window_start_day, day.cut_ms)
            for day in self.days
        ]
        return self.rows(COLUMNS, rows)

    @cached_property
    def local_days(self) -> ir.Table:
        """One row a local day that any window touches: local_day, day_start_ms (int64)."""
        days = _days(self.first_window_day, self.last)
        return self.rows(("local_day", "day_start_ms"), [(day_index(day), midnight_ms(day, self.zone)) for day in days])

    @staticmethod
    def rows(columns: tuple[str, ...], rows: Sequence[tuple[int, ...]]) -> ir.Table:
        """A small table of int64 columns that travels with the query to any engine."""
        data = [pa.array([row[place] for row in rows], pa.int64()) for place in range(len(columns))]
        return ibis.memtable(pa.Table.from_arrays(data, names=list(columns)))

    def local_day(self, instant: ir.IntegerValue) -> ir.IntegerValue:
        """Day index of the local day that an instant falls on, in integers: engines disagree about time zones.

        Exact from 40 days before the first window to 40 days after now; elsewhere at most one day off.
        """
        shift = self.zone_shift
        offset: ir.IntegerValue | int = shift[0][1]
        if len(shift) > 1:
            branches = [(instant < until, ibis.literal(ms, "int64")) for until, ms in shift[:-1]]
            offset = ibis.cases(*branches, else_=ibis.literal(shift[-1][1], "int64"))
        return (instant + offset) // DAY_MS

    @cached_property
    def zone_shift(self) -> tuple[tuple[int, int], ...]:
        """(until, offset) in ms for the stretches of the zone's offset around the windows."""
        start = day_index(self.first_window_day) - 40
        return zone_stretches(self.zone, start, self.now_ms // DAY_MS + 40)

    def day_of(self, column: ir.Column) -> ir.IntegerValue:
        """Local day of a fact's column: `…_at` holds instants, `day` and `…_day` hold day indexes already."""
        return column if is_day(column.get_name()) else self.local_day(column)

    def has_happened(self, column: ir.Column) -> ir.BooleanValue:
        """Whether it lies before now; null has not."""
        if is_day(column.get_name()):
            return column <= day_index(self.now.astimezone(self.zone).date())
        return column < self.now_ms

    def known_from(self, column: ir.Column) -> ir.IntegerValue:
        """First business day on which something counts as having happened, late records included; null if not yet."""
        settled = (
            column if is_day(column.get_name()) else self.local_day(column - self.settle // timedelta(milliseconds=1))
        )
        return ibis.ifelse(self.has_happened(column), settled, ibis.null("int64"))

    def _day(self, day: date) -> BusinessDay:
        start, end = midnight_ms(day, self.zone), midnight_ms(day + timedelta(days=1), self.zone)
        as_of = min(end, self.now_ms)
        is_over = end <= self.now_ms
        window_start = midnight_ms(self.window.first_day(day), self.zone)
        window_end = midnight_ms(self.window.end_day(day), self.zone)
        if self.window.shape is Shape.SECONDS:
            window_start = as_of - self.window.length * 1_000
        if self.window.shape is Shape.INSTANT:
            window_start = as_of
        settled = as_of + self.settle // timedelta(milliseconds=1)
        complete = self.window.is_complete(day)
        is_calendar = self.window.shape in (Shape.CALENDAR, Shape.FIXED)
        return BusinessDay(
            day=day,
            start_ms=start,
            as_of_ms=as_of,
            window_start_ms=window_start,
            window_end_ms=min(window_end, as_of),
            window_start_day=day_index(self.window.first_day(day)),
            cut_ms=min(self.now_ms, settled),
            is_over=is_over,
            closed=is_over and complete,
            provisional=self.now_ms < settled or (is_calendar and not (is_over and complete)),
        )


def is_day(column: str) -> bool:
    return column == "day" or column.endswith("_day")


@lru_cache(maxsize=8192)
def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The instant a local day starts."""
    return epoch_ms(datetime.combine(day, time(), zone).astimezone(UTC))


@lru_cache(maxsize=256)
def zone_stretches(zone: ZoneInfo, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """(until, offset) in ms for each stretch of constant offset between two UTC day indexes; the last one is open."""
    stretches: list[tuple[int, int]] = []
    for day in range(first, last):
        low, high = day * DAY_MS, (day + 1) * DAY_MS
        if _offset_ms(low, zone) == _offset_ms(high, zone):
            continue
        before = _offset_ms(low, zone)
        while high - low > 1_000:
            middle = (low + high) // 2_000 * 1_000
            low, high = (middle, high) if _offset_ms(middle, zone) == before else (low, middle)
        stretches.append((high, before))
    return (*stretches, (last * DAY_MS, _offset_ms(last * DAY_MS, zone)))


def _offset_ms(instant_ms: int, zone: ZoneInfo) -> int:
    offset = from_epoch_ms(instant_ms).astimezone(zone).utcoffset()
    if offset is None:
        raise ValueError(f"{zone} gives no offset")
    return offset // timedelta(milliseconds=1)


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
