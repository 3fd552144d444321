"""The DuckDB connection that a load works in: its own, in memory, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.landing.store import Store

MEMORY = "384MB"  # what does not fit is spilled next to the staged rows
THREADS = 1


@contextmanager
def connect(store: Store, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose instants are UTC and which can open what is in `store`."""
    config: dict[str, Any] = {"memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(folder / "spilled")}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(
            "SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
        )
        if not store.local:
            connection.register_filesystem(store.filesystem)
        yield connection
    finally:
        connection.close()
