"""What of a load is new: the last word on each key, compared with what is landed already, cut into months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from kpi_pipeline.landing import engine
from kpi_pipeline.landing.values import sql_type
from kpi_pipeline.schemas.base import StreamModel, cursor_column, dtypes

VERSION_COLUMNS = {
    "_key": "VARCHAR",
    "_observed_at": "TIMESTAMPTZ",
    "_run_id": "VARCHAR",
    "_api_version": "VARCHAR",
    "_hash": "VARCHAR",
    "_deleted": "BOOLEAN",
}
NEWEST = "struct_pack(at := _observed_at, run := _run_id)"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the good records of a load."""

    distinct: int
    duplicates: int
    superseded: int
    written: int
    unchanged: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of a load carries."""

    observed_at: datetime
    run_id: str
    api_version: str
    zone: str
    observed_month: str


class Merge:
    """Compares staged rows with landed ones, all inside DuckDB, on keys and hashes only."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: type[StreamModel],
        *,
        staged: Sequence[Path],
        landed: Sequence[str],
        stamp: Stamp,
    ) -> None:
        self.connection = connection
        self.model = model
        self.columns = {name: sql_type(dtype) for name, dtype in dtypes(model).items()}
        self.stamp = stamp
        connection.execute(f"SET memory_limit = '{engine.MERGING}'")
        self._table(
            "staged",
            [str(path) for path in staged],
            {"_seq": "BIGINT", "_gone": "BOOLEAN", "_month": "VARCHAR", "_key": "VARCHAR", "_hash": "VARCHAR"},
        )
        self._table("landed", landed, VERSION_COLUMNS)

    def decide(self, *, snapshot: bool, listed: Sequence[str]) -> Counts:
        """Choose the rows to write. In a snapshot, landed keys that are neither staged nor in `listed` are gone."""
        run = self.connection.execute
        run(
            "CREATE TEMP TABLE last_word AS SELECT _key, max(_seq) AS _seq, arg_max(_hash, _seq) AS _hash, "
            "arg_max(_gone, _seq) AS _gone FROM staged GROUP BY _key"
        )
        of_interest = "" if snapshot else "WHERE _key IN (SELECT _key FROM last_word)"
        run(
            f"CREATE TEMP TABLE known AS SELECT _key, arg_max(_hash, {NEWEST}) AS _hash, "
            f"arg_max(_deleted, {NEWEST}) AS _deleted FROM landed {of_interest} GROUP BY _key"
        )
        run(
            "CREATE TEMP TABLE fresh AS SELECT w._seq FROM last_word w LEFT JOIN known k USING (_key) "
            "WHERE NOT w._gone AND (k._key IS NULL OR k._deleted OR k._hash <> w._hash)"
        )
        run(
            "CREATE TEMP TABLE dead AS SELECT k._key FROM known k JOIN last_word w USING (_key) "
            "WHERE w._gone AND NOT k._deleted"
        )
        if snapshot:
            run("CREATE TEMP TABLE listed AS SELECT unnest($keys::VARCHAR[]) AS _key", {"keys": list(listed)})
            run(
                "INSERT INTO dead SELECT _key FROM known WHERE NOT _deleted "
                "AND _key NOT IN (SELECT _key FROM last_word) AND _key NOT IN (SELECT _key FROM listed)"
            )
        rows = self._number("SELECT count(*) FROM staged")
        distinct = self._number("SELECT count(*) FROM last_word")
        # hashing every row's hash again is a fifth of the work; where no key came twice there is nothing to find
        variants = (
            distinct
            if rows == distinct
            else self._number("SELECT count(*) FROM (SELECT DISTINCT _key, _hash, _gone FROM staged)")
        )
        fresh = self._number("SELECT count(*) FROM fresh")
        sent_dead = self._number("SELECT count(*) FROM dead SEMI JOIN last_word USING (_key)")
        dead = self._number("SELECT count(*) FROM dead")
        return Counts(
            distinct=distinct,
            duplicates=rows - variants,
            superseded=variants - distinct,
            written=fresh + dead,
            unchanged=distinct - fresh - sent_dead,
            deleted=dead,
        )

    def write(self, folder: Path) -> list[tuple[str, Path, int]]:
        """The Parquet files of what `decide` chose: the month, the file and its rows."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        stamp = "$observed_at::TIMESTAMPTZ AS _observed_at, $run_id AS _run_id, $api_version AS _api_version"
        cursor = cursor_column(self.model)
        local = f"strftime(timezone($zone, \"{cursor}\"), '%Y-%m')"
        month = f"coalesce({local}, $observed_month)" if cursor else "$observed_month"
        self.connection.execute(
            f"CREATE TEMP TABLE tombstones AS SELECT {month} AS _month, * FROM landed SEMI JOIN dead USING (_key) "
            f"QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _observed_at DESC, _run_id DESC) = 1",
            {"observed_month": self.stamp.observed_month, **({"zone": self.stamp.zone} if cursor else {})},
        )
        chosen = (
            f"SELECT _month, _key, {stamp}, _hash, false AS _deleted, {names} FROM staged SEMI JOIN fresh USING (_seq) "
            f"UNION ALL SELECT _month, _key, {stamp}, _hash, true AS _deleted, {names} FROM tombstones"
        )
        written = self.connection.execute(
            f"COPY ({chosen}) TO '{folder}/months' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480, PARTITION_BY (_month), RETURN_STATS true)",
            {
                "observed_at": self.stamp.observed_at,
                "run_id": self.stamp.run_id,
                "api_version": self.stamp.api_version,
            },
        ).fetchall()
        return sorted((str(keys["_month"]), Path(path), int(rows)) for path, rows, _, _, _, keys, *_ in written)

    def _table(self, name: str, files: Sequence[str], extra: dict[str, str]) -> None:
        """A view of Parquet files with exactly the columns we know, whatever version of the model wrote them."""
        columns = {**extra, **self.columns}
        if not files:
            empty = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns.items())
            self.connection.execute(f"CREATE TEMP VIEW {name} AS SELECT {empty} WHERE false")
            return
        paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
        source = f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"
        there = {row[0] for row in self.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        chosen = ", ".join(
            f'"{column}"::{kind} AS "{column}"' if column in there else f'NULL::{kind} AS "{column}"'
            for column, kind in columns.items()
        )
        self.connection.execute(f"CREATE TEMP VIEW {name} AS SELECT {chosen} FROM {source}")

    def _number(self, query: str) -> int:
        # fetchall: a result that is not read to its end blocks the connection (DuckDB 2)
        return int(self.connection.execute(query).fetchall()[0][0])
