"""A history database in memory that is emptied in no time: for tests of rules, which each begin with nothing."""

from __future__ import annotations

import sqlite3

from kpi_pipeline.history.store import HistoryStore


class Scratch:
    """One store of the newest schema; `clear` makes it as it was when it was opened. One thread may use it."""

    def __init__(self) -> None:
        self.store = HistoryStore.open("sqlite://")
        self._blank = self._database().serialize()

    def clear(self) -> None:
        self._database().deserialize(self._blank)

    def close(self) -> None:
        self.store.engine.dispose()

    def _database(self) -> sqlite3.Connection:
        connection = self.store.engine.raw_connection().driver_connection
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(f"SQLite in memory is needed, not {connection!r}")
        return connection
