"""How a stream's pandera model says where each column comes from in the vendor's record.

A model is the one place that knows a stream: its columns, types, keys, rules, and the JSON path of every value. Landing
reads the paths to type page bytes; pandera checks the result; Dagster shows the columns. Add a stream = add a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pandera.polars as pa
import polars as pl

Text = pl.String
Whole = pl.Int64
Number = pl.Float64
Flag = pl.Boolean
Day = pl.Date
Instant = Annotated[pl.Datetime, "us", "UTC"]
TextList = Annotated[pl.List, pl.String]

Unit = Literal["s", "ms", "iso"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a column's value is in a vendor's record.

    `path` is dotted ("price.recurring.interval"); a leading "@" names a constant of the page ("@form_id"). `unit` says
    how an instant is written: unix seconds, unix milliseconds, or ISO 8601. `hashed` values are personal data: landing
    stores a salted hash, never the value. `key` columns identify a record within its stream. `cursor` marks the instant
    that windows of this stream are cut on.
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
    """A pandera field that also knows its place in the vendor's record; `rules` are pandera's (ge, isin, str_matches …)."""
    origin = Origin(path=path, unit=unit, key=key, cursor=cursor, hashed=hashed)
    return pa.Field(nullable=nullable, metadata={"origin": origin}, **rules)


class StreamModel(pa.DataFrameModel):
    """Base of all stream models; the docstring of a model describes one record.

    A model names itself in its Config as "source.stream": `class Config(StreamModel.Config): name = "stripe.customers"`.
    """

    class Config:
        strict = True
        coerce = False


def origins(model: type[StreamModel]) -> dict[str, Origin]:
    """Column name → its origin, in the order of declaration."""
    columns = model.to_schema().columns
    return {name: spec.metadata["origin"] for name, spec in columns.items() if spec.metadata}


def stream_key(model: type[StreamModel]) -> tuple[str, str]:
    """(source, stream) of a model, from the name in its Config."""
    source, stream = str(model.to_schema().name).split(".")
    return source, stream
