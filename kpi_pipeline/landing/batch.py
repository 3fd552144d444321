"""Pages in, typed and judged rows out, some megabytes at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb
import orjson
import polars as pl

from kpi_pipeline.errors import ContractError, IncompleteLoad
from kpi_pipeline.landing import columns, engine, places, plain
from kpi_pipeline.landing.extract import ROW_COLUMNS, constants, statement, statement_of_columns
from kpi_pipeline.landing.page import Page
from kpi_pipeline.schemas.base import StreamModel, dtypes
from kpi_pipeline.schemas.polars_only import pandera

BATCH_BYTES = 2_000_000
TRIES = 3
SAMPLE_BYTES = 200_000  # of each batch, to look for fields we do not know: reading all keys would double the time


@dataclass(frozen=True, slots=True)
class Batch:
    """Typed rows of some pages (ROW_COLUMNS and the model's columns), and the fields that some of the records had."""

    rows: pl.DataFrame
    received: int
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows that fit the model (ROW_COLUMNS without the faults, and its columns), and of the others why they do not."""

    good: pl.DataFrame
    bad: pl.DataFrame

    def newest(self, cursor: str | None) -> datetime | None:
        """The greatest value of the cursor column, None for a stream without one or without good rows."""
        found: Any = None if cursor is None else self.good[cursor].max()
        newest: datetime | None = found
        return newest


def batches(pages: Iterable[Page]) -> Iterator[list[tuple[int, Page]]]:
    """Numbered pages in groups of about BATCH_BYTES, so that memory does not depend on how much there is to load."""
    held: list[tuple[int, Page]] = []
    size = 0
    for number, page in enumerate(pages):
        held.append((number, page))
        size += len(page.body)
        if size >= BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


class _Stream:
    """Rows of something else, by the Arrow stream that both engines speak.

    pyarrow between them would cost 35 MB, and pandas, which it looks for, another 50. DuckDB reads the pages from here,
    so that the plan of a statement stays while its rows change; polars must not see DuckDB's own types, which it keeps
    so long that DuckDB warns of leaks when the process ends.
    """

    def __init__(self, source: Any) -> None:
        self.source = source

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.source.__arrow_c_stream__(requested_schema)


class Typing:
    """Types and judges pages of one stream. `doing` begins every error message."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: type[StreamModel],
        *,
        doing: str,
        salt: str,
        zone: str,
        observed_month: str,
    ) -> None:
        self.connection = connection
        self.model = model
        self.schema = model.to_schema()
        self.types = dtypes(model)
        self.doing = doing
        self.salt = salt
        self.months = {"zone": zone, "observed_month": observed_month}
        self.offered: dict[str, _Stream] = {}
        self.statements: dict[str, str] = {}
        self.doubtful = 0

    def read(self, numbered: Sequence[tuple[int, Page]]) -> Batch:
        """One batch. Pages may have their rows at different places.

        Raises IncompleteLoad for a body that is no JSON or has fewer records than the page says, ContractError for a
        body that has no records where they should be.
        """
        in_json = [each for each in numbered if each[1].format == "json"]
        found = [self._read(rows, list(group)) for rows, group in groupby(sorted(in_json, key=_place), key=_place)]
        in_arrow = [
            (columns.schema(page, doing=self.doing), (number, page))
            for number, page in numbered
            if page.format == "arrow"
        ]
        for shape, group in groupby(in_arrow, key=lambda each: each[0]):
            found.append(self._read_columns(shape, [each for _, each in group]))
        return Batch(
            rows=pl.concat([each.rows for each in found]),
            received=sum(each.received for each in found),
            fields=frozenset().union(*(each.fields for each in found)),
        )

    def _read(self, rows: str, numbered: Sequence[tuple[int, Page]]) -> Batch:
        outer = rows.partition("[].")[0]
        promised = sum(page.count for _, page in numbered)
        self._offer("pages", self._frame(numbered))
        frame = self._plainly(rows, numbered)
        if frame is None:
            frame = self._query(rows, lambda: statement(self.model, rows, **self.months))
        self._require_rows(outer, numbered)
        received = frame.height if outer == rows else self._count(outer)
        fields = self._fields(outer, numbered)
        if received != promised:
            raise IncompleteLoad(
                self.doing,
                f"the pages say they hold {promised} records, {received} were read from them",
                remedy="The answer was cut or changed shape on the way; if it stays, look at the connector's paging.",
            )
        return Batch(rows=frame, received=received, fields=fields)

    def _read_columns(self, shape: columns.Schema, numbered: Sequence[tuple[int, Page]]) -> Batch:
        table = f"columns_{columns.fingerprint(shape)}"
        self._offer(table, columns.frame(numbered, constants(self.model), salt=self.salt, doing=self.doing))
        frame = self._query(table, lambda: statement_of_columns(self.model, shape, table=table, **self.months))
        return Batch(rows=frame, received=frame.height, fields=frozenset(shape))

    def _plainly(self, rows: str, numbered: Sequence[tuple[int, Page]]) -> pl.DataFrame | None:
        """The rows by the quick statement; None when one is in doubt, or records are missing, or nothing could be read.

        What sends odd values is asked TRIES times, and then no longer.
        """
        if self.doubtful >= TRIES or any(page.deleted for _, page in numbered):
            return None
        try:
            found = self._executed(
                self._prepared(f"plain {rows}", lambda: plain.statement(self.model, rows, **self.months))
            )
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None  # the other statement fails as well, and says why
        promised = sum(page.count for _, page in numbered)
        if found["_doubt"].any() or ("[]." not in rows and found.height != promised):
            self.doubtful += 1
            return None
        return self._chosen(found)

    def judge(self, frame: pl.DataFrame) -> Judged:
        """Apply the model's rules to rows whose types are right; what fails is named, the rest goes on."""
        typed = frame.filter(pl.col("_fault").is_null())
        alive = typed.filter(~pl.col("_gone")).with_row_index("_index")
        refused = self._failures(alive.select(*self.types))
        failed = alive.join(refused, on="_index", how="inner").drop("_index")
        kept = alive.join(refused, on="_index", how="anti").drop("_index")
        good = pl.concat([kept, typed.filter("_gone")]).drop("_fault", "_payload_hash")
        why = pl.col("_fault").str.split_exact(":", 1)
        wrong = frame.filter(pl.col("_fault").is_not_null()).select(
            "_key",
            reason=why.struct.field("field_0"),
            column=why.struct.field("field_1"),
            payload_hash=pl.col("_payload_hash"),
        )
        broken = failed.select(
            "_key",
            reason="_reason",
            column="_column",
            payload_hash=pl.col("_hash").map_elements(self._salted, return_dtype=pl.String),
        )
        return Judged(good, pl.concat([wrong, broken]))

    def _failures(self, frame: pl.DataFrame) -> pl.DataFrame:
        """(_index, _reason, _column) of the rows that break a rule of the model; the first rule a row breaks counts."""
        none = pl.DataFrame(schema={"_index": pl.UInt32, "_reason": pl.String, "_column": pl.String})
        try:
            self.schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
        else:
            return none
        if cases["index"].null_count():
            checks = sorted(set(cases.filter(pl.col("index").is_null())["check"].to_list()))
            raise ContractError(
                self.doing,
                f"the whole batch fails {', '.join(checks)}",
                remedy="Compare the stream's model with what the vendor sends now; nothing was committed.",
            )
        first: pl.DataFrame = cases.select(
            _index=pl.col("index").cast(pl.UInt32),
            _reason=pl.col("check").str.split("(").list.first(),
            _column=pl.col("column"),
        ).unique("_index", keep="first", maintain_order=True)
        return first

    def _salted(self, digest: str) -> str:
        return hashlib.sha256((self.salt + digest).encode()).hexdigest()

    def _frame(self, numbered: Sequence[tuple[int, Page]]) -> pl.DataFrame:
        try:
            body = pl.Series([page.body for _, page in numbered], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError:
            raise self._garbled("bytes that are no UTF-8 text") from None
        return pl.DataFrame(
            {
                "_page": pl.Series([number for number, _ in numbered], dtype=pl.Int64),
                "_gone": pl.Series([page.deleted for _, page in numbered], dtype=pl.Boolean),
                "_salt": pl.Series([self.salt] * len(numbered), dtype=pl.String),
                "body": body,
                **{
                    f"c_{name}": pl.Series([page.constants.get(name) for _, page in numbered], dtype=pl.String)
                    for name in constants(self.model)
                },
            }
        )

    def _offer(self, table: str, frame: pl.DataFrame) -> None:
        known = table in self.offered
        self.offered.setdefault(table, _Stream(None)).source = frame
        if not known:
            self.connection.register(table, self.offered[table])

    def _query(self, key: str, write: Callable[[], str]) -> pl.DataFrame:
        """The rows that a statement types; it is planned once for each `key`."""
        prepared = self._prepared(key, write)
        try:
            frame = self._executed(prepared)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as fault:
            # DuckDB quotes the page in its message; what a vendor sent must not reach a log
            if self._malformed():
                raise self._garbled("a body that is no whole JSON text") from None
            raise ContractError(
                self.doing,
                f"{type(fault).__name__} while typing pages",
                remedy="This is a fault of the stream's model or of landing; nothing was committed.",
            ) from None
        return self._chosen(frame)

    def _chosen(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(*ROW_COLUMNS, *(pl.col(name).cast(dtype) for name, dtype in self.types.items()))

    def _prepared(self, key: str, write: Callable[[], str]) -> str:
        prepared = self.statements.get(key)
        if prepared is None:
            prepared = self.statements[key] = f"typing_{len(self.statements)}"
            self.connection.execute(f"PREPARE {prepared} AS {write()}")
        return prepared

    def _executed(self, prepared: str) -> pl.DataFrame:
        try:
            return pl.DataFrame(_Stream(self.connection.sql(f"EXECUTE {prepared}")))
        except duckdb.OutOfMemoryException:  # a wide model or a huge page: rather much memory than no load
            self.connection.execute(f"SET memory_limit = '{engine.MERGING}'")
            return pl.DataFrame(_Stream(self.connection.sql(f"EXECUTE {prepared}")))

    def _malformed(self) -> bool:
        return "pages" in self.offered and self._number("SELECT count(*) FROM pages WHERE NOT json_valid(body)") > 0

    def _count(self, outer: str) -> int:
        found = f"json_extract(body, '{places.at(outer)}')"
        length = f"CASE json_type({found}) WHEN 'OBJECT' THEN 1 ELSE json_array_length({found}) END"
        return self._number(f"SELECT coalesce(sum({length}), 0)::BIGINT FROM pages")

    def _require_rows(self, outer: str, numbered: Sequence[tuple[int, Page]]) -> None:
        """An empty page must hold an empty array: an error document with status 200 has none."""
        strange = sum(not page.count and not isinstance(_inside(page.body, outer), list) for _, page in numbered)
        if strange:
            raise ContractError(
                self.doing,
                f"{strange} page(s) have no array of records at {outer!r}",
                remedy="The vendor answered something else than a list: an error document, or a path that moved.",
            )

    def _fields(self, outer: str, numbered: Sequence[tuple[int, Page]]) -> frozenset[str]:
        found: set[str] = set()
        size = 0
        for _, page in numbered:
            if size and size + len(page.body) > SAMPLE_BYTES:
                break
            size += len(page.body)
            records = _inside(page.body, outer)
            for record in records if isinstance(records, list) else [records]:
                if isinstance(record, dict):
                    found.update(record)
        return frozenset(found)

    def _number(self, query: str) -> int:
        # fetchall: a result that is not read to its end blocks the connection (DuckDB 2)
        return int(self.connection.execute(query).fetchall()[0][0])

    def _garbled(self, what: str) -> IncompleteLoad:
        return IncompleteLoad(
            self.doing,
            f"a page is {what}",
            remedy="The answer was cut on the way; if it stays, the vendor sends something else than JSON there.",
        )


def _place(numbered: tuple[int, Page]) -> str:
    return numbered[1].rows


def _inside(body: bytes, path: str) -> Any:
    """What a JSON text has at a dotted path, None if there is nothing."""
    found: Any = orjson.loads(body)
    for step in places.steps(path):
        found = found.get(step) if isinstance(found, dict) else None
    return found
