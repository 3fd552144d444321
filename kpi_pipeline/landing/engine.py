"""The DuckDB connection that a load works in: its own, in memory, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.landing.store import Store

TYPING = "96MB"  # enough for a batch of pages; DuckDB keeps what it once had
MERGING = "384MB"  # keys and hashes; what does not fit is spilled next to the staged rows
THREADS = 1  # another one reads the next pages meanwhile


@contextmanager
def connect(store: Store, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose instants are UTC and which can open what is in `store`."""
    config: dict[str, Any] = {"memory_limit": TYPING, "threads": THREADS, "temp_directory": str(folder / "spilled")}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(
            "SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false;"
            "SET enable_external_file_cache = false;"  # each file is read once or twice
            "SET partitioned_write_max_open_files = 1000;"  # one file a month, however many years
            "SET partitioned_write_flush_threshold = 5000"  # rows; the default holds half a million of them
        )
        if not store.local:
            connection.register_filesystem(store.filesystem)
        yield connection
    finally:
        connection.close()
