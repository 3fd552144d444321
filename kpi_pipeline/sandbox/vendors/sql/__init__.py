"""The company's own product database: an SQLite file, served by its address alone.

The tables are written once for a world and kept in a folder of temporary files; each sandbox has its own copy, because
its clock is in it. Rows and values that lie after the clock are hidden by views, see `views`.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from starlette.routing import BaseRoute

from kpi_pipeline.sandbox.context import VendorContext
from kpi_pipeline.sandbox.faults import Fault
from kpi_pipeline.sandbox.vendors.sql import tables, views
from kpi_pipeline.sandbox.vendors.sql.views import FAULTS
from kpi_pipeline.sandbox.world.model import World

__all__ = ["FAULTS", "environment", "routes", "serving"]

FOLDER = Path(tempfile.gettempdir()) / f"kpi-sandbox-{os.getuid()}"
KEPT = 12  # files of worlds that nobody asked for lately are removed


def routes(_context: VendorContext) -> list[BaseRoute]:
    """Nothing over HTTP."""
    return []


def environment(context: VendorContext, _base: str) -> dict[str, str]:
    """The address of the database file. Raises RuntimeError before the server runs."""
    if "folder" not in context.memo:
        raise RuntimeError("the sandbox's product database has no place before the sandbox is entered")
    if "file" not in context.memo:
        context.memo["file"] = _served(context, Path(context.memo["folder"]) / f"{context.company}.sqlite")
    return {"SQL_BASE_URL": f"sqlite:///{context.memo['file']}"}


@asynccontextmanager
async def serving(context: VendorContext) -> AsyncIterator[None]:
    """The folder of this sandbox's copy, for as long as it runs."""
    with tempfile.TemporaryDirectory(prefix="kpi-product-", ignore_cleanup_errors=True) as folder:
        context.memo["folder"] = folder
        yield
        context.memo.pop("file", None)
        context.memo.pop("folder")


def _served(context: VendorContext, file: Path) -> Path:
    shutil.copyfile(written(context.world()), file)

    def show(faults: Sequence[Fault]) -> None:
        with closing(sqlite3.connect(file, timeout=30)) as database, database:
            for statement in views.statements(faults):
                database.execute(statement)

    def stop(instant: datetime | None) -> None:
        with closing(sqlite3.connect(file, timeout=30)) as database, database:
            database.execute("UPDATE clock SET stopped_ms = ?", (tables.ms(instant),))

    context.watch_faults(show)
    context.watch_clock(stop)
    return file


def written(world: World) -> Path:
    """The tables of a world as an SQLite file, written if no file of the same contents is there."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    file = FOLDER / f"{world.company}-{_fingerprint(world)}.sqlite"
    if file.exists():
        file.touch()
        return file
    for old in sorted(FOLDER.glob("*.sqlite"), key=lambda each: each.stat().st_mtime)[: -KEPT + 1]:
        old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part", dir=FOLDER)
    os.close(handle)
    with closing(sqlite3.connect(name, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + tables.SCHEMA)
        database.execute("BEGIN")
        for table, rows in tables.contents(world):
            width = len(database.execute(f"SELECT * FROM {table}").description)  # noqa: S608
            database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608
        database.execute("COMMIT")
        database.executescript(tables.INDEXES + "PRAGMA journal_mode = WAL;")
    return Path(name).rename(file)


def _fingerprint(world: World) -> str:
    """A hash of all that the database shows, so that a changed world never finds the file of another."""
    digest = hashlib.blake2b((tables.SCHEMA + tables.INDEXES + world.zone).encode(), digest_size=12)
    for part in fields(world.product):
        _add(digest, getattr(world.product, part.name))
    return digest.hexdigest()


def _add(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(np.ascontiguousarray(value))
    elif isinstance(value, list | tuple | dict):
        digest.update(pickle.dumps(value))
    else:
        for part in fields(value):
            _add(digest, getattr(value, part.name))
