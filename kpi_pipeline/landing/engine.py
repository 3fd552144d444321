"""The DuckDB connection that a load works in: in memory, bounded, with tables that no other load sees."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from kpi_pipeline.landing.store import Store

TYPING = "96MB"  # enough for a batch of pages; DuckDB keeps what it once had
MERGING = "384MB"  # keys and hashes; what does not fit is spilled to the disk
THREADS = 1  # another one reads the next pages meanwhile


SETTINGS = (
    f"SET memory_limit = '{TYPING}'; SET TimeZone = 'UTC'; SET preserve_insertion_order = false;"
    "SET enable_progress_bar = false;"
    "SET enable_external_file_cache = false;"  # each file is read once or twice
    "SET partitioned_write_max_open_files = 1000;"  # one file a month, however many years
    "SET partitioned_write_flush_threshold = 5000"  # rows; the default holds half a million of them
)


@contextmanager
def connect(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose instants are UTC and which can open what is in `store`; what it creates must be TEMP."""
    if store.local:
        connection = _of_this_process(os.getpid()).cursor()
    else:
        connection = _opened()
        connection.register_filesystem(store.filesystem)
    try:
        connection.execute(SETTINGS)
        yield connection
    finally:
        connection.close()


@cache
def _of_this_process(_pid: int) -> duckdb.DuckDBPyConnection:
    """Opened once: that takes 15 ms, and a run of five companies loads two hundred streams."""
    return _opened()


def _opened() -> duckdb.DuckDBPyConnection:
    spilled = Path(tempfile.gettempdir()) / f"landing-spilled-{os.getpid()}"  # made when needed, and removed
    return duckdb.connect(":memory:", config={"threads": THREADS, "temp_directory": str(spilled)})
