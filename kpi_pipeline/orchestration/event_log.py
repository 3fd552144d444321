"""Dagster's SQLite event log with connections kept open, batches written at once, and new files copied.

Dagster opens a connection for every event and closes it again; closing the last connection to a file makes SQLite fold
its write-ahead log back and wait for the disk, twice an event. A backfill of 14 months × 50 assets writes about 2,000
events, and two thirds of its time went there. Here a file's connection stays open and a commit does not wait for the
disk: after a power failure the newest lines of a run may be missing from the UI, never a number, because those are in
the history store.

Every run has a file of its own, whose tables Dagster makes with 0.3 s of migrations; here they are copied. The events
that an asset has for each of its months come in a batch, which Dagster's SQLite log takes apart again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, Insert, create_engine, event

from kpi_pipeline import settings

BUSY_TIMEOUT_S = 30
TOGETHER = 500  # events of one batch
OPEN_FILES = 16  # one a run, and the index; a daemon that lives for months must not keep them all


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """The same files and tables as Dagster's own; only the way connections are opened differs."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        settings.prefer("DAGSTER_EVENT_BATCH_SIZE", str(TOGETHER))
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

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """In one transaction of the run's file and one of the index, where one event alone has two."""
        if len({each.run_id for each in events}) > 1 or not all(map(_is_of_asset, events)):
            super().store_event_batch(events)
            return
        statements = [self.prepare_insert_event(each) for each in events]
        with self.run_connection(events[0].run_id) as own:
            for statement in statements:
                own.execute(statement)
        with self.index_transaction() as index:
            ids = [_inserted(index, statement) for statement in statements]
            told = [(each, id_) for each, id_ in zip(events, ids, strict=True) if not _is_of_check(each)]
            self._store_asset_event_tags(index, [each for each, _ in told], [id_ for _, id_ in told])
            # What the index says of an asset is what its last event of a type said.
            last = {
                (str(each.get_dagster_event().asset_key), each.dagster_event_type): (each, id_) for each, id_ in told
            }
            for each, id_ in last.values():
                self._store_asset_event(index, each, id_)
        for each, id_ in zip(events, ids, strict=True):
            if _is_of_check(each):
                self.store_asset_check_event(each, id_)

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        """A new file is a copy of one with empty tables, which is made once for a version of Dagster."""
        file = Path(str(engine.url.database))
        if for_index_shard or file.exists():
            super()._initdb(engine, for_index_shard)
            return
        empty = file.with_name(f"empty-{dagster.__version__}")
        if not empty.exists():
            self._make_empty(empty)
        handle, name = tempfile.mkstemp(prefix="new-", dir=file.parent)
        os.close(handle)
        try:
            os.link(shutil.copyfile(empty, name), file)
        except FileExistsError:  # another process was first, and has written to it perhaps
            super()._initdb(engine)
        finally:
            Path(name).unlink()

    def _make_empty(self, file: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="new-", dir=file.parent) as folder:
            made = Path(folder) / "empty.db"
            engine = create_engine(f"sqlite:///{made}")
            super()._initdb(engine)
            engine.dispose()
            made.rename(file)

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


def _is_of_asset(entry: EventLogEntry) -> bool:
    return entry.is_dagster_event and (entry.dagster_event_type in ASSET_EVENTS or _is_of_check(entry))


def _is_of_check(entry: EventLogEntry) -> bool:
    return entry.dagster_event_type in ASSET_CHECK_EVENTS


def _inserted(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    if key is None:
        raise AssertionError("SQLite gave an inserted event no id")
    return int(key[0])
