"""Dagster's SQLite event log with connections kept open.

Dagster opens a connection for every event and closes it again; closing the last connection to a file makes SQLite fold
its write-ahead log back and wait for the disk, twice an event. A backfill of 14 months × 50 assets writes about 2,000
events, and two thirds of its time went there. Here a file's connection stays open and a commit does not wait for the
disk: after a power failure the newest lines of a run may be missing from the UI, never a number, because those are in
the history store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

BUSY_TIMEOUT_S = 30
OPEN_FILES = 16  # one a run, and the index; a daemon that lives for months must not keep them all


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """The same files and tables as Dagster's own; only the way connections are opened differs."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledSqliteEventLogStorage:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def has_table(self, table_name: str) -> bool:
        """Asked for every event with tags, by a new engine each time; a table that is there stays there."""
        if table_name not in self._tables:
            if not super().has_table(table_name):
                return False
            self._tables.add(table_name)
        return True

    def _engine(self, shard: str) -> Engine:
        if shard in self._engines:
            self._engines.move_to_end(shard)
            return self._engines[shard]
        engine = create_engine(self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_TIMEOUT_S})

        @event.listens_for(engine, "connect")
        def _no_waiting_for_the_disk(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")

        self._engines[shard] = engine
        while len(self._engines) > OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def dispose(self) -> None:
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
