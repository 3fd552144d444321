"""What every part of Inopsio's world is built from: seed, calendar and span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import DAY, Days, month_start, span

COMPANY = "inopsio"
ZONE = "UTC"
BILLING_MONTHS = 24  # revenue retention looks a year back from every day shown
HISTORY_MONTHS = 13
FUTURE = 45 * DAY


@dataclass(frozen=True)
class Scene:
    """Billing begins on `opening`, everything else on `first`; nothing happens after `last`. `monday`: the anchor's."""

    seed: int
    anchor: date
    monday: date
    days: Days
    opening: date
    first: date
    last: date
    starts_at: datetime
    horizon: datetime

    def stream(self, *key: object) -> Random:
        return stream(self.seed, COMPANY, *key)

    def all_days(self) -> list[date]:
        return list(span(self.first, self.last))

    def ago(self, days: int, hour: float = 0.0) -> datetime:
        """An instant counted back from the Monday of the anchor's week, so that a later anchor moves history little."""
        return self.days.at(self.monday - days * DAY, hour * 3600)


def scene(seed: int, anchor: date) -> Scene:
    days = Days(ZONE)
    opening = month_start(anchor, -BILLING_MONTHS)
    return Scene(
        seed=seed,
        anchor=anchor,
        monday=anchor - anchor.weekday() * DAY,
        days=days,
        opening=opening,
        first=month_start(anchor, -HISTORY_MONTHS),
        last=anchor + FUTURE - DAY,
        starts_at=days.start(opening),
        horizon=days.start(anchor + FUTURE),
    )


def between(r: Random, low: timedelta, high: timedelta) -> timedelta:
    """A span drawn evenly from [low, high), in whole seconds."""
    return timedelta(seconds=int((low + (high - low) * r.random()).total_seconds()))
