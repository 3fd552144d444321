"""Landed versions as Ibis tables, the same on DuckDB, PostgreSQL and Spark."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kpi_pipeline.landing.ledger import State
from kpi_pipeline.landing.store import Store
from kpi_pipeline.schemas.base import StreamModel, dtypes, stream_key

META = {
    "_key": pl.String(),
    "_observed_at": pl.Datetime("us", "UTC"),
    "_run_id": pl.String(),
    "_api_version": pl.String(),
    "_hash": pl.String(),
    "_deleted": pl.Boolean(),
}


def arrow_schema(model: type[StreamModel]) -> pa.Schema:
    """Columns of the versions of a stream: landing's own, then the model's."""
    empty = pl.DataFrame(schema={**META, **dtypes(model)}).to_arrow(compat_level=pl.CompatLevel.oldest())
    return pa.schema([pa.field(each.name, _plain(each.type)) for each in empty.schema])


def versions(store: Store, state: State, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
    """Every version of every record, tombstones included."""
    schema = arrow_schema(model)
    if not state.files:
        return ibis.memtable(schema.empty_table())
    files = [file.path for file in state.files]
    name = "landing_" + "_".join(
        [company, *stream_key(model), hashlib.sha256("\n".join(files).encode()).hexdigest()[:10]]
    )
    if backend.name == "postgres":
        table = _copied(store, backend, name, files, schema)
    else:
        table = _opened(store, backend, name, files)
    wanted = ibis.schema(schema)
    return table.select(
        **{
            column: (table[column] if column in table.columns else ibis.null()).cast(kind)
            for column, kind in wanted.items()
        }
    )


def latest(store: Store, state: State, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
    """The newest version of each record that is not deleted: the model's columns and `_observed_at`."""
    return newest_of(versions(store, state, backend, company, model), model)


def newest_of(table: ir.Table, model: type[StreamModel]) -> ir.Table:
    """Of these versions the newest of each record that is not deleted."""
    newest = ibis.window(group_by="_key", order_by=[ibis.desc("_observed_at"), ibis.desc("_run_id")])
    ranked = table.mutate(_rank=ibis.row_number().over(newest))
    alive = ranked.filter((ranked["_rank"] == 0) & ~ranked["_deleted"])
    return alive.select(*dtypes(model), "_observed_at")


def _opened(store: Store, backend: Any, name: str, files: Sequence[str]) -> ir.Table:
    urls = [store.url(path) for path in files]
    if backend.name == "pyspark":
        from pyspark.sql import SparkSession  # Ibis takes one path only; the session is the one it was opened with

        SparkSession.active().read.option("mergeSchema", "true").parquet(*urls).createOrReplaceTempView(name)
        return backend.table(name)
    if not store.local:
        backend.con.register_filesystem(store.filesystem)
    return backend.read_parquet(urls, table_name=name, union_by_name=True, hive_partitioning=False)


def _copied(store: Store, backend: Any, name: str, files: Sequence[str], schema: pa.Schema) -> ir.Table:
    """PostgreSQL cannot read Parquet: copy it once for each state of the stream."""
    if name not in backend.list_tables():
        tables = []
        for path in files:
            with store.filesystem.open(f"{store.root}/{path}", "rb") as file:
                found = pq.read_table(file, partitioning=None)
            tables.append(_fitted(found, schema))
        backend.create_table(name, pa.concat_tables(tables), schema=ibis.schema(schema), temp=True)
    return backend.table(name)


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[each.name].cast(each.type) if each.name in table.column_names else pa.nulls(table.num_rows, each.type)
        for each in schema
    ]
    return pa.table(columns, schema=schema)


def _plain(kind: pa.DataType) -> pa.DataType:
    """Arrow's ordinary string and list instead of the large ones, which Spark does not take."""
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_list(kind) or pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    return kind
