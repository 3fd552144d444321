"""What every part of DataInsight Pro's world is built from: seed, calendar, span, and the story it has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import DAY, Days, month_start, span

COMPANY = "datainsight_pro"
ZONE = "UTC"
HISTORY_MONTHS = 24
FUTURE = 45 * DAY
SCRAPED_MONTHS = 5  # Prometheus keeps no more
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    """Everything happens from `first` to `last`. `monday`: that of the anchor's week; recent events of the story are
    counted back from it, so that a later anchor moves little of the past."""

    seed: int
    anchor: date
    monday: date
    days: Days
    first: date
    last: date
    starts_at: datetime
    horizon: datetime

    def stream(self, *key: object) -> Random:
        return stream(self.seed, COMPANY, *key)

    def all_days(self) -> list[date]:
        return list(span(self.first, self.last))

    def scraped_days(self) -> list[date]:
        return list(span(month_start(self.anchor, -SCRAPED_MONTHS), self.last))

    def ago(self, days: int, hour: float = 0.0) -> datetime:
        return self.days.at(self.monday - days * DAY, hour * 3600)

    @property
    def outage(self) -> datetime:
        """Three weeks ago the platform was down for 52 minutes across noon; customers wrote, and some left."""
        return self.ago(20, 11.7)

    @property
    def slow_day(self) -> date:
        """After a release every page took seven seconds for two hours."""
        return self.ago(33).date()

    @property
    def bad_month(self) -> date:
        """The month in which customers were asked just after the price rise."""
        return month_start(self.anchor, -3)

    @property
    def silent_source(self) -> tuple[datetime, datetime]:
        """A collector stood still for nine hours."""
        return self.ago(11, 3.0), self.ago(11, 12.0)


def scene(seed: int, anchor: date) -> Scene:
    days = Days(ZONE)
    first = month_start(anchor, -HISTORY_MONTHS)
    return Scene(
        seed=seed,
        anchor=anchor,
        monday=anchor - anchor.weekday() * DAY,
        days=days,
        first=first,
        last=anchor + FUTURE - DAY,
        starts_at=days.start(first),
        horizon=days.start(anchor + FUTURE),
    )


def between(r: Random, low: timedelta, high: timedelta) -> timedelta:
    """A span drawn evenly from [low, high), in whole seconds."""
    return timedelta(seconds=int((low + (high - low) * r.random()).total_seconds()))


def epoch_ms(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)
