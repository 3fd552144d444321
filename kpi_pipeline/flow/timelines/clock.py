"""Clock times of a company, as timelines write them, and instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class LocalClock:
    """What the company's clocks show."""

    zone: ZoneInfo

    def instant(self, local: datetime) -> datetime:
        """The instant of a clock time; one that comes twice in October is the first."""
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        return self.instant(datetime.combine(day, time()))

    def shows(self, instant: datetime) -> time:
        return instant.astimezone(self.zone).time()

    def text(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M}"
