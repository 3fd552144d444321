"""What every part of Inpact's world is built from: seed, calendar, span, and the days its framework is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import stream
from kpi_pipeline.sandbox.world.days import DAY, Days

COMPANY = "inpact"
ZONE = "Europe/Amsterdam"
STARTS = date(2025, 3, 1)  # fixed: the reference month lies in it wherever the anchor is
REFERENCE = date(2025, 6, 30)
FUTURE = 45 * DAY

MANON = "manon@inpact.example"
HANS = "hans@inpact.example"
TASEEN = "taseen@inpact.example"
DANNY = "danny@inpact.example"
JARNO = "jarno@inpact.example"
EVERT = "evert@inpact.example"


@dataclass(frozen=True)
class Scene:
    """`first` and `last` are the first and last local day on which anything happens."""

    seed: int
    days: Days
    anchor: date
    first: date
    last: date
    starts_at: datetime
    horizon: datetime

    def stream(self, *key: object) -> Random:
        return stream(self.seed, *key)

    def ago(self, days: int) -> date:
        """A day counted back from the anchor; a negative one lies ahead."""
        return self.anchor - days * DAY

    def office(self, day: date, r: Random) -> datetime:
        """A moment of the day at which somebody sits at a desk, in whole seconds."""
        return self.days.at(day, 9 * 3600 + int(r.random() * 8 * 3600))


def scene(seed: int, anchor: date) -> Scene:
    days = Days(ZONE)
    return Scene(
        seed=seed,
        days=days,
        anchor=anchor,
        first=STARTS,
        last=anchor + FUTURE - DAY,
        starts_at=days.start(STARTS),
        horizon=days.start(anchor + FUTURE),
    )


def workday(day: date) -> date:
    """The day itself, or the Monday after it at a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)
