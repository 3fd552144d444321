"""Tables beneath the KPIs as a page reads them: from history, as known at the instant of the reading."""

from __future__ import annotations

from datetime import date, timedelta

from kpi_pipeline.history.panel_table import PanelTable, newest
from kpi_pipeline.reports.reading import Reading

OLDEST = timedelta(days=40)  # a table of a month ago still says something, one of a quarter ago misleads


class Tables:
    """The newest tables up to the day of the reading, each read once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, PanelTable | None] = {}

    def at(self, name: str, day: date) -> PanelTable | None:
        """The newest table up to another day, at most a week before it."""
        reading = self._reading
        week = timedelta(days=7)
        return newest(reading.store, reading.company.id, name, day, known_at=reading.known_at, within=week)

    def get(self, name: str) -> PanelTable | None:
        """None where no table was kept within the last 40 days."""
        if name not in self._found:
            reading = self._reading
            self._found[name] = newest(
                reading.store, reading.company.id, name, reading.day, known_at=reading.known_at, within=OLDEST
            )
        return self._found[name]
