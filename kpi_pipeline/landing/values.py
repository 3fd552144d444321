"""How one JSON value of a vendor becomes one typed column value, as DuckDB expressions.

Every expression reads a JSON text (SQL NULL when the field is absent or null) and gives NULL when the value does not
fit the type exactly; the caller tells "absent" from "does not fit" by looking at the JSON text again.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from kpi_pipeline.landing.places import at
from kpi_pipeline.schemas.base import Origin

# An instant outside this span is a unit mistake: unix seconds read as milliseconds land in January 1970, milliseconds
# read as seconds in the year 55,000.
EARLIEST = "TIMESTAMPTZ '1990-01-01 00:00:00+00'"
LATEST = "TIMESTAMPTZ '2200-01-01 00:00:00+00'"
EARLIEST_MICROS, LATEST_MICROS = 631_152_000_000_000, 7_258_118_400_000_000

ISO_INSTANT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)"
ISO_DAY = r"\d{4}-\d{2}-\d{2}(T00:00(:00(\.0+)?)?Z)?"
FRACTION = r"[+-]?\d+(\.\d{1,6}0*)?"
ZERO_TIME = "0001-01-01T00:00:00"
WHOLE = r"[+-]?\d+(\.0*)?"
FAR = 9_000_000_000_000_000_000  # microseconds; a timestamp holds a little more
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
        return f"({json} IS NULL OR {json}::VARCHAR = '\"\"' OR starts_with({json}::VARCHAR, '\"{ZERO_TIME}'))"
    if isinstance(dtype, pl.String | pl.List):
        return f"({json} IS NULL)"
    return f"({json} IS NULL OR {json}::VARCHAR = '\"\"')"


def scalar(json: str) -> str:
    """The text of a JSON scalar, NULL for an object or a list: a vendor that suddenly expands an id is no text."""
    return f"CASE WHEN left({json}::VARCHAR, 1) NOT IN ('{{', '[') THEN {text_of(json)} END"


def halfway(json: str, text: str, dtype: pl.DataType, origin: Origin) -> str | None:
    """What `typed` needs more than once: the integer of a number, the elements of a list. None for other types."""
    if isinstance(dtype, pl.List):
        elements = f"from_json({json}, '[\"JSON\"]')"
        inside = origin.path.partition("[].")[2]
        if inside:
            elements = f"list_transform({elements}, lambda e: json_extract(e, '{at(inside)}'))"
        return f"CASE WHEN left({json}::VARCHAR, 1) = '[' THEN {elements} END"
    if isinstance(dtype, pl.Int64) or (isinstance(dtype, pl.Datetime) and origin.unit != "iso"):
        return f"TRY_CAST({text} AS BIGINT)"
    return None


def typed(json: str, text: str, half: str, dtype: pl.DataType, origin: Origin) -> str:
    """The value in the column's type, NULL when it does not fit exactly (12.7 is no integer, "t" is no flag).

    `json`, `text` and `half` name columns with the JSON value, its `scalar` and what `halfway` gave.
    """
    if origin.unit == "json":
        return f"{json}::VARCHAR"
    if isinstance(dtype, pl.List):
        return _text_list(half, whole="[]" in origin.path)
    if isinstance(dtype, pl.Int64):
        return _whole(text, half)
    if isinstance(dtype, pl.Datetime):
        return _iso_instant(text) if origin.unit == "iso" else _unix_instant(text, half, str(origin.unit))
    if isinstance(dtype, pl.Decimal):
        return _decimal(text, dtype)
    return _SCALARS[type(dtype)](text)


def canonical(text: str, integer: str, dtype: pl.DataType, origin: Origin) -> str:
    """The value of an integer, or of an instant in whole seconds or milliseconds that can be meant; NULL for any other
    text, also one that `typed` would read. `integer` is the text as BIGINT."""
    if isinstance(dtype, pl.Int64):
        return f"CASE WHEN {integer}::VARCHAR = {text} THEN {integer} END"
    factor = MICROS_PER[str(origin.unit)]
    meant = f"{integer} >= {EARLIEST_MICROS // factor} AND {integer} < {LATEST_MICROS // factor}"
    return f"CASE WHEN {meant} AND {integer}::VARCHAR = {text} THEN make_timestamptz({integer} * {factor}) END"


def sql_type(dtype: pl.DataType) -> str:
    """The DuckDB type of a column, as it is stored in Parquet."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision}, {dtype.scale})"
    return _SQL_TYPES[type(dtype)]


def outside(value: str) -> str:
    """True where an instant cannot be meant."""
    return f"({value} < {EARLIEST} OR {value} >= {LATEST})"


def _whole(text: str, integer: str) -> str:
    """The cast alone would make 13 of 12.7; what does not read back as the same text is looked at digit by digit."""
    exact = f"CASE WHEN regexp_full_match({text}, '{WHOLE}') THEN TRY_CAST(split_part({text}, '.', 1) AS BIGINT) END"
    return f"CASE WHEN {integer}::VARCHAR = {text} THEN {integer} ELSE {exact} END"


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


def _iso_instant(text: str) -> str:
    meant = f"regexp_full_match({text}, '{ISO_INSTANT}') AND NOT starts_with({text}, '{ZERO_TIME}')"
    return f"CASE WHEN {meant} THEN TRY_CAST({text} AS TIMESTAMPTZ) END"


def _unix_instant(text: str, integer: str, unit: str) -> str:
    """Integers are the rule; fractions of a second go through a decimal, never a float. What a timestamp cannot hold
    becomes FAR, so that it is judged out of range instead of overflowing."""
    factor = MICROS_PER[unit]
    number = f"TRY_CAST({text} AS DECIMAL(26, 6)) * {factor}"
    exact = f"CASE WHEN regexp_full_match({text}, '{FRACTION}') THEN {_bounded(number)} END"
    whole = f"CASE WHEN abs({integer}) <= {FAR // factor} THEN {integer} * {factor} ELSE {FAR} END"
    return f"make_timestamptz(CASE WHEN {integer}::VARCHAR = {text} THEN {whole} ELSE {exact} END)"


def _bounded(micros: str) -> str:
    near = f"CAST(trunc({micros}) AS BIGINT)"
    return f"CASE WHEN abs({micros}) <= {FAR} THEN {near} WHEN {micros} IS NOT NULL THEN {FAR} END"


def _text_list(elements: str, *, whole: bool) -> str:
    """Every element must be a scalar, and with "[]" in the path be there: ids of unexpanded objects are not."""
    strange = "left(e::VARCHAR, 1) IN ('{', '[')" + (" OR e IS NULL OR e::VARCHAR = 'null'" if whole else "")
    texts = f"list_transform({elements}, lambda e: {text_of('e')})"
    fits = f"len(list_filter({elements}, lambda e: {strange})) = 0"
    return f"CASE WHEN len({elements}) = 0 THEN []::VARCHAR[] WHEN {fits} THEN {texts} END"


_SCALARS: dict[type[pl.DataType], Callable[[str], str]] = {
    pl.String: lambda text: text,
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
