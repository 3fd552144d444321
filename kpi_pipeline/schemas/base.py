"""How a stream's pandera model says where each column comes from in the vendor's record.

A model is the one place that knows a stream: its columns, types, keys, rules, and the JSON path of every value. Landing
reads the paths to type page bytes; pandera checks the result; Dagster shows the columns. Add a stream = add a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import polars as pl

from kpi_pipeline.schemas.polars_only import pandera as pa

Text = pl.String
Whole = pl.Int64
Number = pl.Float64
Flag = pl.Boolean
Day = pl.Date
Instant = Annotated[pl.Datetime, "us", "UTC"]
TextList = Annotated[pl.List, pl.String]
Exact = Annotated[pl.Decimal, 38, 12]  # sub-cent prices and home-currency amounts, never through a float

Unit = Literal["s", "ms", "iso", "json"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a column's value is in a vendor's record.

    `path` is dotted ("price.recurring.interval"); "[n]" takes one element ("items.data[0].price.id"), "[]" takes all of
    them into a TextList ("labels.nodes[].id"). A leading "@" names a constant of the page ("@form_id"), a leading "^."
    a field of the record that holds this one, for streams whose rows are nested ("^.id" of a subscription's items).
    `unit` says how an instant is written: unix seconds, unix milliseconds, or ISO 8601; "json" keeps an object or a
    list as JSON text in a Text column. `hashed` values are personal data: landing stores a salted hash, never the
    value. `key` columns identify a record within its stream. `cursor` marks the instant that windows are cut on.
    """

    path: str
    unit: Unit | None = None
    key: bool = False
    cursor: bool = False
    hashed: bool = False


def column(
    path: str,
    *,
    unit: Unit | None = None,
    key: bool = False,
    cursor: bool = False,
    hashed: bool = False,
    nullable: bool = False,
    **rules: Any,
) -> Any:
    """A pandera field that knows its place in the vendor's record; `rules` are pandera's (ge, isin, str_matches …)."""
    origin = Origin(path=path, unit=unit, key=key, cursor=cursor, hashed=hashed)
    return pa.Field(nullable=nullable, metadata={"origin": origin}, **rules)


class StreamModel(pa.DataFrameModel):
    """Base of all stream models; the docstring of a model describes one record.

    A model names itself in its Config, "source.stream": `class Config(StreamModel.Config): name = "stripe.customers"`.
    """

    class Config:
        strict = True
        coerce = False


def origins(model: type[StreamModel]) -> dict[str, Origin]:
    """Column name → its origin, in the order of declaration."""
    columns = model.to_schema().columns
    return {name: spec.metadata["origin"] for name, spec in columns.items() if spec.metadata}


def dtypes(model: type[StreamModel]) -> dict[str, pl.DataType]:
    """Column name → its polars type, in the order of declaration."""
    found = {name: spec.dtype.type for name, spec in model.to_schema().columns.items()}
    return {name: dtype() if isinstance(dtype, type) else dtype for name, dtype in found.items()}


def required(model: type[StreamModel]) -> frozenset[str]:
    """Columns that every record must have."""
    return frozenset(name for name, spec in model.to_schema().columns.items() if not spec.nullable)


def key_columns(model: type[StreamModel]) -> tuple[str, ...]:
    """Columns that identify a record within its stream."""
    return tuple(name for name, origin in origins(model).items() if origin.key)


def cursor_column(model: type[StreamModel]) -> str | None:
    """The column that windows are cut on, or None for a stream that is only ever read whole."""
    return next((name for name, origin in origins(model).items() if origin.cursor), None)


def stream_key(model: type[StreamModel]) -> tuple[str, str]:
    """(source, stream) of a model, from the name in its Config."""
    source, stream = str(model.to_schema().name).split(".")
    return source, stream
