"""What every part of DGSkills' world is built from: seed, calendar and span; and the fixed weeks of the USP rollout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import DAY, Days, month_start, span

COMPANY = "dgskills"
ZONE = "Europe/Amsterdam"
HISTORY_MONTHS = 13
FUTURE = 45 * DAY
HOUR = timedelta(hours=1)
WEEK = 7 * DAY
ROLLOUT_STARTS = date(2026, 10, 26)  # the framework names four weeks and no date


@dataclass(frozen=True)
class Scene:
    """`first` and `last` are the first and last local day on which anything happens."""

    seed: int
    days: Days
    first: date
    last: date
    starts_at: datetime
    horizon: datetime

    def stream(self, *key: object) -> Random:
        return stream(self.seed, *key)

    def all_days(self) -> list[date]:
        return list(span(self.first, self.last))

    def mondays(self) -> Iterator[date]:
        """The Mondays of all ISO weeks that lie wholly in the span."""
        return (day for day in self.all_days() if day.isoweekday() == 1)

    def office(self, day: date, r: Random, opens: float = 9, closes: float = 17) -> datetime:
        """A moment in office hours of the day, or of the Monday after a weekend."""
        weekday = day.isoweekday()
        day += max(0, 8 - weekday) * DAY if weekday > 5 else 0 * DAY
        return self.days.at(day, int((opens + r.random() * (closes - opens)) * 3600))


def scene(seed: int, anchor: date) -> Scene:
    days = Days(ZONE)
    first = month_start(anchor, -HISTORY_MONTHS)
    return Scene(
        seed=seed,
        days=days,
        first=first,
        last=anchor + FUTURE - DAY,
        starts_at=days.start(first),
        horizon=days.start(anchor + FUTURE),
    )
