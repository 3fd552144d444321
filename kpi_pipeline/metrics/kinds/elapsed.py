"""The two clocks of durations: elapsed milliseconds, and milliseconds of opening hours."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from kpi_pipeline.errors import UsageError
from kpi_pipeline.metrics.business import BusinessTime
from kpi_pipeline.metrics.kinds.base import Context
from kpi_pipeline.metrics.spine import BusinessDay, Spine

LOOKBACK = timedelta(days=3_653)  # business time before that is not counted; nothing answered waited ten years


class Clock:
    """Measures on the 24-hour clock ('elapsed') or a working calendar of the company.

    Raises UsageError when the company has no calendar of that name.
    """

    def __init__(self, name: str, context: Context) -> None:
        self.spine = context.spine
        self.business: BusinessTime | None = None
        if name == "elapsed":
            return
        calendars = context.company.calendars
        if name not in calendars:
            raise UsageError(
                f"measuring {context.kpi.id}",
                f"company {context.company.id} has no calendar {name!r}, only {', '.join(sorted(calendars))}",
                remedy="Name one of them in `clock`, or add the calendar to company.yaml",
            )
        first = self.spine.first_window_day - LOOKBACK
        self.business = BusinessTime(calendars[name], self.spine.zone, first, self.spine.last + timedelta(days=1))

    def took(self, rows: ir.Table, start: str, end: str) -> ir.Table:
        """Adds `took_ms`: from start to end of each row, negative when the end came first."""
        if self.business is None:
            return rows.mutate(took_ms=(rows[end] - rows[start]).cast("int64"))
        opened = self.business.add(rows, start, self.spine, "open_at_start")
        both = self.business.add(opened, end, self.spine, "open_at_end")
        return both.mutate(took_ms=both.open_at_end - both.open_at_start).drop("open_at_start", "open_at_end")

    def so_far(self, rows: ir.Table, start: str) -> ir.Table:
        """Adds `so_far_ms`: from start until the end of the business day beside each row (column as_of_ms)."""
        if self.business is None:
            return rows.mutate(so_far_ms=rows.as_of_ms - rows[start])
        opened = self.business.add(rows, start, self.spine, "open_at_start")
        ends = Spine.rows(("day_index", "open_ms"), [(d.index, self._open_at_end(d)) for d in self.spine.days])
        beside = opened.join(ends, "day_index")
        return beside.mutate(so_far_ms=beside.open_ms - beside.open_at_start)

    def _open_at_end(self, day: BusinessDay) -> int:
        return self.business.before(day.as_of_ms, day.index) if self.business is not None else 0
