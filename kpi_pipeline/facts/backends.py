"""Opens the engine that computes facts and KPIs: DuckDB in memory, PostgreSQL or Spark, all through Ibis.

Every session runs in UTC. Nothing is kept in an engine between runs: landing is the data, the history store the result.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_pipeline.errors import SettingsError, StoreUnavailable

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend

MEMORY_LIMIT = "2GB"
DRIVERS = {"postgres": "psycopg", "spark": "pyspark"}


def open_backend(engine: str = "duckdb", url: str | None = None, *, memory_limit: str = MEMORY_LIMIT) -> SQLBackend:
    """An Ibis backend; the caller closes it with `disconnect()`.

    `engine` is what KPI_ENGINE says. `url` is the PostgreSQL address (postgresql://…) or the Spark master (local[2]
    when none is given); DuckDB takes none, because no DuckDB file is shared. `memory_limit` bounds DuckDB, which spills
    to a temporary folder beyond it.
    Raises SettingsError for an unknown engine, a missing extra or a missing address, StoreUnavailable when the server
    cannot be reached.
    """
    if engine not in OPENERS:
        raise SettingsError(
            "opening the engine",
            f"KPI_ENGINE is {engine!r}",
            remedy=f"Use one of {', '.join(OPENERS)}",
        )
    import ibis

    # Merging nested selects takes a third of rendering a query and saves the engines nothing: they do it themselves.
    ibis.options.sql.fuse_selects = False
    return OPENERS[engine](url, memory_limit)


def _duckdb(url: str | None, memory_limit: str) -> SQLBackend:
    if url is not None:
        raise SettingsError(
            "opening DuckDB",
            f"it was given the address {url!r}",
            remedy="DuckDB runs in memory; set KPI_ENGINE to postgres to use a server",
        )
    import ibis

    # Ibis merges nested selects, which takes it a quarter of a KPI's time; DuckDB's optimiser does it in no time.
    ibis.options.sql.fuse_selects = False
    spill = Path(tempfile.gettempdir()) / "kpi-duckdb"
    backend = ibis.duckdb.connect(":memory:", memory_limit=memory_limit, temp_directory=str(spill))
    backend.raw_sql("SET enable_progress_bar = false")  # Ibis turns it on; it would write across our own progress
    backend.raw_sql("SET TimeZone = 'UTC'")  # not a connect option: the zone extension loads after the configuration
    return backend


@contextmanager
def for_people() -> Iterator[None]:
    """Queries that are written while this is open are as short as Ibis can make them."""
    import ibis

    before, ibis.options.sql.fuse_selects = ibis.options.sql.fuse_selects, True
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def _postgres(url: str | None, _memory_limit: str) -> SQLBackend:
    if url is None:
        raise SettingsError(
            "opening PostgreSQL", "no address was given", remedy="Give one such as postgresql://user@host/database"
        )
    _require("postgres")
    import ibis
    import psycopg

    # Ibis's own reading of an address loses a socket folder (?host=/run/postgresql), the driver's does not.
    place: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
    place["database"] = place.pop("dbname", None)
    try:
        backend = ibis.postgres.connect(**place)
    except psycopg.OperationalError as error:
        raise StoreUnavailable(
            "opening PostgreSQL", str(error).strip(), remedy="Check that the server runs and accepts this user"
        ) from error
    backend.raw_sql("SET TIME ZONE 'UTC'").close()
    return backend


def _spark(url: str | None, _memory_limit: str) -> SQLBackend:
    _require("spark")
    import ibis
    from pyspark.sql import SparkSession

    options = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "4",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(url if url is not None else "local[2]").appName("kpi-pipeline")
    for name, value in options.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


OPENERS: Mapping[str, Callable[[str | None, str], Any]] = {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}


def _require(extra: str) -> None:
    try:
        importlib.import_module(DRIVERS[extra])
    except ImportError as error:
        raise SettingsError(
            f"opening the engine {extra}",
            f"the package {DRIVERS[extra]} is not installed",
            remedy=f'Install the extra: pip install "kpi-pipeline[{extra}]"',
        ) from error
