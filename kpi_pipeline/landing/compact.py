"""Many small files become few, and receipts become one, without losing a version or disturbing a reader."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from kpi_pipeline.errors import ContractError
from kpi_pipeline.landing import engine
from kpi_pipeline.landing.ledger import COMPACTION, GRACE, Compaction, Ledger, State
from kpi_pipeline.landing.receipt import LandedFile
from kpi_pipeline.landing.store import Store


@dataclass(frozen=True, slots=True)
class Compacted:
    """What one compaction did."""

    merged: int
    into: int
    removed: int


def compact(store: Store, ledger: Ledger, *, now: datetime, at_least: int = 8, grace: timedelta = GRACE) -> Compacted:
    """Merge each month that has `at_least` files into one, then remove what nobody reads since `grace`.

    The new state is one file, created under the next number: of two compactions at once the second finds the number
    taken and leaves. Killed at any point, either the old state or the new one holds. Rows are copied as they are.
    """
    state = ledger.state()
    months: dict[str, list[LandedFile]] = defaultdict(list)
    for file in state.files:
        months[file.month].append(file)
    crowded = {month: files for month, files in months.items() if len(files) >= at_least}
    merged: list[LandedFile] = []
    won = False
    if crowded:
        with (
            tempfile.TemporaryDirectory(prefix="compaction-") as folder,
            engine.connect(store) as connection,
        ):
            merged = [
                _merge(store, connection, ledger.folder, month, files, Path(folder)) for month, files in crowded.items()
            ]
        replaced = {file.path for files in crowded.values() for file in files}
        state, won = _commit(ledger, state, merged, replaced, now)
    return Compacted(
        merged=sum(len(files) for files in crowded.values()) if won else 0,
        into=len(merged) if won else 0,
        removed=_clean(ledger, state, now, grace),
    )


def _merge(
    store: Store, connection: duckdb.DuckDBPyConnection, stream: str, month: str, files: list[LandedFile], folder: Path
) -> LandedFile:
    target = folder / f"{month}.parquet"
    paths = ", ".join("'" + store.url(file.path).replace("'", "''") + "'" for file in files)
    rows = connection.execute(
        f"COPY (SELECT * FROM read_parquet([{paths}], union_by_name = true, hive_partitioning = false)) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    promised = sum(file.rows for file in files)
    if rows is None or rows[0] != promised:
        raise ContractError(
            f"compacting {stream} of {month}",
            f"receipts name {promised} rows, their files hold {rows and rows[0]}",
            remedy="A landed file was changed from outside; restore it, or load the month again. Nothing was changed.",
        )
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    path = f"{stream}/month={month}/compact-{digest[:12]}.parquet"
    store.publish(target, path)
    return LandedFile(path=path, month=month, rows=promised, sha256=digest)


def _commit(
    ledger: Ledger, state: State, merged: list[LandedFile], replaced: set[str], now: datetime
) -> tuple[State, bool]:
    before = state.compaction
    there = ledger.store.files(ledger.folder)
    waiting = {path: at for path, at in before.retired.items() if path in there} if before else {}
    compaction = Compaction(
        generation=before.generation + 1 if before else 1,
        at=now,
        covers=state.names,
        receipts=state.receipts,
        files=(*(file for file in state.files if file.path not in replaced), *merged),
        retired={**waiting, **dict.fromkeys(sorted(replaced), now)},
    )
    won = ledger.store.create(_path(ledger, compaction), compaction.to_json())
    return ledger.state(), won


def _path(ledger: Ledger, compaction: Compaction) -> str:
    return f"{ledger.folder}/_receipts/compact-{compaction.generation:06d}.json"


def _clean(ledger: Ledger, state: State, now: datetime, grace: timedelta) -> int:
    """Remove files that no receipt names: retired ones, and what a killed load left behind."""
    named = {file.path for file in state.files}
    retired = state.compaction.retired if state.compaction else {}
    covered = set(state.compaction.covers) if state.compaction else set()
    newest = _path(ledger, state.compaction) if state.compaction else None
    removed = 0
    for path, written in ledger.store.files(ledger.folder).items():
        if path in named or path == newest or "/_quarantine/" in path:
            continue
        receipt = "/_receipts/" in path and not path.endswith(".tmp")
        if receipt and path not in covered and not COMPACTION.search(path):
            continue
        unread_since = state.compaction.at if receipt and state.compaction else retired.get(path, written)
        if now - unread_since >= grace:
            ledger.store.remove(path)
            removed += 1
    return removed
