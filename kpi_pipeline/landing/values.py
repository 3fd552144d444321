"""How one JSON value of a vendor becomes one typed column value, as DuckDB expressions.

Every expression reads a JSON text (SQL NULL when the field is absent or null) and gives NULL when the value does not fit
the type exactly; the caller tells "absent" from "does not fit" by looking at the JSON text again.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from kpi_pipeline.schemas.base import Origin

# An instant outside this span is a unit mistake: unix seconds read as milliseconds land in January 1970, milliseconds
# read as seconds in the year 55,000.
EARLIEST = "TIMESTAMPTZ '1990-01-01 00:00:00+00'"
LATEST = "TIMESTAMPTZ '2200-01-01 00:00:00+00'"

ISO_INSTANT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)"
ISO_DAY = r"\d{4}-\d{2}-\d{2}(T00:00(:00(\.0+)?)?Z)?"
SECONDS = r"[+-]?\d+(\.\d{1,6})?"
WHOLE = r"[+-]?\d+(\.0*)?"
FAR = "9000000000000000000"
MICROS_PER = {"s": 1_000_000, "ms": 1_000}


def text_of(json: str) -> str:
    """The text of a JSON scalar: a string without its quotes, a number or a boolean as written."""
    return f"json_extract_string({json}, '$')"


def blank(json: str, dtype: pl.DataType) -> str:
    """True where a value is as good as absent.

    Forms and CRMs send "" for an empty number, date or flag (HubSpot properties), and services written in Go send their
    zero time, 0001-01-01T00:00:00Z, for "never".
    """
    if isinstance(dtype, pl.Datetime):
        return f"({json} IS NULL OR {json}::VARCHAR = '\"\"' OR starts_with({json}::VARCHAR, '\"0001-01-01T00:00:00'))"
    if isinstance(dtype, pl.String | pl.List):
        return f"({json} IS NULL)"
    return f"({json} IS NULL OR {json}::VARCHAR = '\"\"')"


def scalar(json: str) -> str:
    """The text of a JSON scalar, NULL for an object or a list: a vendor that suddenly expands an id is no text."""
    return f"CASE WHEN left({json}::VARCHAR, 1) NOT IN ('{{', '[') THEN {text_of(json)} END"


def typed(json: str, text: str, dtype: pl.DataType, origin: Origin) -> str:
    """The value in the column's type, NULL when it does not fit exactly (12.7 is no integer, "t" is no flag).

    `json` and `text` name columns with the JSON value and its `scalar`.
    """
    if origin.unit == "json":
        return f"{json}::VARCHAR"
    if isinstance(dtype, pl.List):
        return _text_list(json)
    if isinstance(dtype, pl.Datetime):
        return _instant(text, origin)
    if isinstance(dtype, pl.Decimal):
        return _decimal(text, dtype)
    return _SCALARS[type(dtype)](text)


def sql_type(dtype: pl.DataType) -> str:
    """The DuckDB type of a column, as it is stored in Parquet."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision}, {dtype.scale})"
    return _SQL_TYPES[type(dtype)]


def outside(value: str) -> str:
    """True where an instant cannot be meant."""
    return f"({value} < {EARLIEST} OR {value} >= {LATEST})"


def _whole(text: str) -> str:
    exact = f"CASE WHEN regexp_full_match({text}, '{WHOLE}') THEN {text} END"
    return f"TRY_CAST(split_part({exact}, '.', 1) AS BIGINT)"


def _number(text: str) -> str:
    cast = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({cast}) AND {text} NOT IN ('true', 'false') THEN {cast} END"


def _flag(text: str) -> str:
    return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def _day(text: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '{ISO_DAY}') THEN TRY_CAST(left({text}, 10) AS DATE) END"


def _decimal(text: str, dtype: pl.Decimal) -> str:
    exact = rf"[+-]?\d+(\.\d{{0,{dtype.scale}}}0*)?"
    return f"CASE WHEN regexp_full_match({text}, '{exact}') THEN TRY_CAST({text} AS {sql_type(dtype)}) END"


def _instant(text: str, origin: Origin) -> str:
    if origin.unit == "iso":
        return f"CASE WHEN regexp_full_match({text}, '{ISO_INSTANT}') THEN TRY_CAST({text} AS TIMESTAMPTZ) END"
    number = (
        f"CASE WHEN regexp_full_match({text}, '[+-]?\\d+(\\.\\d{{1,6}})?') THEN TRY_CAST({text} AS DECIMAL(26, 6)) END"
    )
    micros = f"({number} * {MICROS_PER[str(origin.unit)]})"
    # beyond the 64 bits of a timestamp the value is kept as the last instant there is, so that it is judged out of range
    bounded = f"CASE WHEN {micros} > {FAR} THEN {FAR} WHEN {micros} < -{FAR} THEN -{FAR} ELSE trunc({micros}) END"
    return f"make_timestamptz(CAST({bounded} AS BIGINT))"


def _text_list(json: str) -> str:
    elements = f"CASE WHEN left({json}::VARCHAR, 1) = '[' THEN from_json({json}, '[\"JSON\"]') END"
    fits = f"len(list_filter({elements}, lambda e: left(e::VARCHAR, 1) IN ('{{', '['))) = 0"
    return f"CASE WHEN {fits} THEN list_transform({elements}, lambda e: {text_of('e')}) END"


_SCALARS: dict[type[pl.DataType], Callable[[str], str]] = {
    pl.String: lambda text: text,
    pl.Int64: _whole,
    pl.Float64: _number,
    pl.Boolean: _flag,
    pl.Date: _day,
}
_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
    pl.List: "VARCHAR[]",
}
