"""One series of a timeline as the observations that a run would make of it, by the engine's windows and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from kpi_pipeline.alerts.periods import end as end_of_period
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.flow.measure import observation
from kpi_pipeline.flow.timelines.clock import LocalClock
from kpi_pipeline.flow.timelines.notation import Cell, parse_series
from kpi_pipeline.flow.timelines.script import Timeline
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.spine import Spine

ONE_DAY = timedelta(days=1)


class Measured:
    """The values of one KPI and segment, each of the last day of its period."""

    def __init__(self, company: Company, timeline: Timeline, key: str) -> None:
        name, _, self.segment = key.partition("/")
        self.kpi: Kpi = company.kpis[name]
        self.clock = LocalClock(company.tz)
        values = timeline.series[key]
        every = values.every if "every" in values.model_fields_set else timeline.every
        day = timeline.start if values.since is None else values.since
        self.cells: dict[date, Cell] = {}
        self.days: list[date] = []
        for cell in parse_series(values.values, self.kpi):
            last = end_of_period(day, every)
            self.days.append(last)
            if cell is not None:
                self.cells[last] = cell
            day = last + ONE_DAY
        self._made: dict[tuple[object, ...], Observation] = {}

    def known_by(self) -> datetime:
        """When the last period has settled and the last restatement is known."""
        later = max((cell.restated[0] for cell in self.cells.values() if cell.restated is not None), default=0)
        step = self.days[-1] - self.days[-2] if len(self.days) > 1 else ONE_DAY
        return self.clock.midnight(self.days[-1] + ONE_DAY) + self.kpi.settles_after + later * step

    def rows(self, now: datetime) -> Iterator[Observation]:
        """The observations that a run would make now: of days that are over, or have begun if they are open."""
        for place, day in enumerate(self.days):
            cell = self.cells.get(day)
            over = self.clock.midnight(day + ONE_DAY) <= now
            if cell is None or now <= self.clock.midnight(day) or not (cell.open or over):
                continue
            if cell.restated is not None:
                later = self.days[min(place + cell.restated[0], len(self.days) - 1)]
                is_known = later > day and self.clock.midnight(later + ONE_DAY) <= now
                cell = cell.restated[1] if is_known else cell
            # A row is made once for as long as nothing about it changes: it is over, and it is settled.
            settled = now >= self.clock.midnight(day + ONE_DAY) + self.kpi.settles_after
            phase = (day, cell, None if over else now, settled)
            if phase not in self._made:
                self._made[phase] = self._observation(day, cell, now)
            yield self._made[phase]

    def _observation(self, day: date, cell: Cell, now: datetime) -> Observation:
        window = windows.parse(self.kpi.window)
        spine = Spine(day, day, window, zone=self.clock.zone, now=now, settle=self.kpi.settles_after)
        (business_day,) = spine.days
        measured = Measurement(
            day,
            self.segment,
            cell.value,
            cell.numerator,
            cell.denominator,
            cell.n,
            datetime.fromtimestamp(business_day.window_start_ms / 1000, UTC),
            datetime.fromtimestamp(business_day.window_end_ms / 1000, UTC),
            business_day.closed,
            business_day.provisional,
            cell.reason,
            cell.text,
        )
        return observation(self.kpi, measured, "timeline", self.kpi.definition_hash, stale=cell.stale)
