"""Facts kept between runs: what the same code made of the same landed files and settings is the same.

Writing a fact's query takes longer than running it, so a run that finds nothing new spends most of its time on facts it
had before. A kept fact is a Parquet file whose name is a fingerprint of all it was computed from; nobody looks for one
of another fingerprint again. Only facts that passed their check are kept, and only those that DuckDB computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.facts.spec import FACTS, SourceSettings, StreamId, sources

if TYPE_CHECKING:
    from ibis.expr.types import Table

PACKAGE = Path(__file__).parents[1]
CODE = ("facts", "landing", "schemas", "clock.py")
LIBRARIES = ("duckdb", "ibis-framework", "sqlglot", "pyarrow")
UNREAD_S = 86_400  # a reader may still be about to open a file that was replaced this long ago


class LandedFiles(Protocol):
    def files(self, company: str, source: str, stream: str) -> Sequence[str]: ...


class Company(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def sources(self) -> Mapping[str, SourceSettings]: ...


class KeptFacts:
    """Facts of one company below `root`, as landing has its streams when each is first asked for.

    One state of landing for all facts of a run: a fact that is built on another must not be kept under files that the
    other one never saw.
    """

    def __init__(self, root: Path, landing: LandedFiles, company: Company) -> None:
        self._folder, self._landing, self._company = root / company.id, landing, company
        self._seen: dict[StreamId, Sequence[str]] = {}

    def read(self, backend: Any, name: str) -> Table | None:
        """A temporary table with the rows of a fact that was kept; None when there is none that still holds."""
        path = self._path(name)
        if not path.is_file():
            return None
        table = f"kept_{name}_{uuid4().hex[:10]}"
        columns = ", ".join(f'"{column}"' for column in FACTS[name].columns)
        source = str(path).replace("'", "''")
        query = f"SELECT {columns} FROM read_parquet('{source}')"  # noqa: S608 - names and path are our own
        backend.raw_sql(f"CREATE TEMP TABLE {table} AS {query}").fetchall()
        return backend.table(table)

    def keep(self, backend: Any, name: str, rows: Table) -> None:
        """Keep a fact that passed its check. Raises StoreUnavailable when the folder cannot be written."""
        import duckdb

        path = self._path(name)
        temporary = path.with_suffix(f".{uuid4().hex}.tmp")
        target = str(temporary).replace("'", "''")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            backend.raw_sql(f"COPY {rows.get_name()} TO '{target}' (FORMAT parquet, COMPRESSION zstd)").fetchall()
            temporary.rename(path)
            self._clear(name, path)
        except (OSError, duckdb.IOException) as fault:
            raise StoreUnavailable(
                f"keeping the fact {name} of {self._company.id}",
                f"{type(fault).__name__}: {fault}",
                remedy="Check that KPI_HOME is there, writable and has room; nothing was lost.",
            ) from fault
        finally:
            with suppress(OSError):
                temporary.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}-{self._fingerprint(name)}.parquet"

    def _fingerprint(self, name: str) -> str:
        company = self._company
        streams = sources([name], company.sources)
        said = {
            "code": _code(),
            "zone": _offsets(company.zone),
            "company": [company.id, company.zone, company.currency],
            "settings": {source: dict(each.settings) for source, each in company.sources.items()},
            "files": {f"{source}/{stream}": list(self._files(source, stream)) for source, stream in streams},
        }
        return sha256(json.dumps(said, sort_keys=True, default=repr).encode()).hexdigest()[:24]

    def _files(self, source: str, stream: str) -> Sequence[str]:
        if (source, stream) not in self._seen:
            self._seen[source, stream] = self._landing.files(self._company.id, source, stream)
        return self._seen[source, stream]

    def _clear(self, name: str, newest: Path) -> None:
        written = newest.stat().st_mtime
        for other in self._folder.glob(f"{name}-*.parquet"):
            if other != newest and written - other.stat().st_mtime > UNREAD_S:
                other.unlink(missing_ok=True)


@cache
def _code() -> str:
    """A fingerprint of all that decides what is made of landed files."""
    found = sha256("|".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    for place in CODE:
        path = PACKAGE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


@cache
def _offsets(zone: str) -> str:
    """The zone's offsets month by month: a new edition of the time zone database may move what is local."""
    clock = ZoneInfo(zone)
    months = [datetime(year, month, 1, tzinfo=UTC) for year in range(2000, 2060) for month in range(1, 13)]
    return sha256(",".join(str(month.astimezone(clock).utcoffset()) for month in months).encode()).hexdigest()
