"""What every part of Mister DJ's world is built from: seed, calendar, story and span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import DAY, Days, month_start, span
from kpi_pipeline.sandbox.world.mister_dj.story import Story, tell

COMPANY = "mister_dj"
ZONE = "Europe/Amsterdam"
HISTORY_MONTHS = 13
FUTURE = 45 * DAY


@dataclass(frozen=True)
class Scene:
    """`first` and `last` are the first and last local day on which anything happens."""

    seed: int
    days: Days
    story: Story
    first: date
    last: date
    starts_at: datetime
    horizon: datetime

    def stream(self, *key: object) -> Random:
        return stream(self.seed, *key)

    def all_days(self) -> list[date]:
        return list(span(self.first, self.last))


def scene(seed: int, anchor: date) -> Scene:
    days = Days(ZONE)
    first = month_start(anchor, -HISTORY_MONTHS)
    return Scene(
        seed=seed,
        days=days,
        story=tell(days, anchor),
        first=first,
        last=anchor + FUTURE - DAY,
        starts_at=days.start(first),
        horizon=days.start(anchor + FUTURE),
    )


def between(r: Random, low: timedelta, high: timedelta) -> timedelta:
    """A span drawn evenly from [low, high); whole milliseconds if `low` is."""
    return low + timedelta(milliseconds=int((high - low).total_seconds() * 1000 * r.random()))


def whole_seconds(r: Random, low: timedelta, high: timedelta) -> timedelta:
    """The same in whole seconds, for vendors that keep no more."""
    return timedelta(seconds=int(between(r, low, high).total_seconds()))
