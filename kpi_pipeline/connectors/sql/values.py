"""Values of a database driver → columns of ours, some ten thousand at a time.

What has the wrong type is handed on as text: landing judges it, names it and keeps it out, as it does for every source.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.connectors.sql.mapping import Mapped

NAIVE = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
INSTANT = pl.Datetime("us", "UTC")
_MICROS = {"s": 1_000_000, "ms": 1_000}
_EARLIEST, _LATEST = 631_152_000_000_000, 4_102_444_800_000_000  # 1990 and 2100


def arrow(rows: Sequence[Sequence[Any]], types: dict[str, pl.DataType], mapped: Mapped) -> bytes:
    """An Arrow stream of `rows`, whose values are in the order of `types` (our columns and their types)."""
    values = zip(*rows, strict=True)
    frame = pl.DataFrame([column(name, each, types[name], mapped) for name, each in zip(types, values, strict=True)])
    out = io.BytesIO()
    frame.write_ipc_stream(out)
    return out.getvalue()


def column(name: str, values: Sequence[Any], dtype: pl.DataType, mapped: Mapped) -> pl.Series:
    """One column in our type where all its values have it, else as text."""
    if isinstance(dtype, pl.Datetime):
        return _instants(name, values, mapped)
    if isinstance(dtype, pl.Boolean):
        return _flags(name, values)
    try:
        return pl.Series(name, values, dtype=dtype, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return _texts(name, values)


def bound(instant: datetime, sample: Any, mapped: Mapped) -> Any:
    """An instant as the cursor's column writes it, to compare with; `sample` is a value of that column.

    Raises TypeError for a sample that is no instant.
    """
    if isinstance(sample, bool):
        raise TypeError("a truth value")
    if isinstance(sample, int | float) and mapped.instants in _MICROS:
        if not _EARLIEST <= sample * _MICROS[mapped.instants] < _LATEST:  # seconds taken for milliseconds, or back
            raise TypeError(f"{sample}, which is no likely number of {mapped.instants} since 1970")
        milliseconds = epoch_ms(instant)
        return milliseconds if mapped.instants == "ms" else -(-milliseconds // 1000)
    if isinstance(sample, datetime):
        return instant if sample.tzinfo else instant.astimezone(ZoneInfo(mapped.zone)).replace(tzinfo=None)
    if isinstance(sample, str) and len(sample) >= len("2026-01-01 00:00") and sample[10] in "T ":
        ending = sample[16:]
        if "+" in ending or "-" in ending:
            if not ending.endswith(("+00", "+00:00", "+0000")):
                raise TypeError("text with a time zone other than UTC")
            local = instant.astimezone(UTC)
        else:
            local = instant.astimezone(UTC if ending.endswith("Z") else ZoneInfo(mapped.zone))
        written = local.strftime(f"%Y-%m-%d{sample[10]}%H:%M:%S")
        return written if not local.microsecond else f"{written}.{local.microsecond:06d}"
    raise TypeError(type(sample).__name__)


def _instants(name: str, values: Sequence[Any], mapped: Mapped) -> pl.Series:
    found = next((value for value in values if value is not None), None)
    if found is None:
        return pl.Series(name, values, dtype=INSTANT)
    try:
        if isinstance(found, int | float) and not isinstance(found, bool) and mapped.instants in _MICROS:
            numbers = pl.Series(name, values, dtype=pl.Int64 if isinstance(found, int) else pl.Float64, strict=True)
            micros = (numbers * _MICROS[mapped.instants]).cast(pl.Int64)
            return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        if isinstance(found, datetime):
            if found.tzinfo is not None:
                return pl.Series(name, [_utc(value) for value in values], dtype=pl.Datetime("us")).dt.replace_time_zone(
                    "UTC"
                )
            return _local(pl.Series(name, values, dtype=pl.Datetime("us"), strict=True), mapped.zone)
    except (TypeError, OverflowError, AttributeError, pl.exceptions.PolarsError):
        return _texts(name, values)
    written = _texts(name, values)
    naive = written.str.contains(NAIVE)
    if not naive.any():
        return written
    parsed = _local(
        written.str.replace(" ", "T").str.to_datetime("%FT%T%.f", time_unit="us", strict=False), mapped.zone
    )
    return parsed if parsed.null_count() == written.null_count() else _marked(written, naive)


def _marked(written: pl.Series, naive: pl.Series) -> pl.Series:
    """Some are instants and some are something else: landing is to see which."""
    frame = pl.DataFrame({"text": written, "naive": naive})
    marked = pl.when(pl.col("naive")).then(pl.col("text") + "Z").otherwise(pl.col("text"))
    return frame.select(marked.alias(written.name)).to_series()


def _local(naive: pl.Series, zone: str) -> pl.Series:
    """Instants written in a zone; an hour that came twice is its first, one that was skipped is none."""
    there = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return there.dt.convert_time_zone("UTC")


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None)


def _flags(name: str, values: Sequence[Any]) -> pl.Series:
    """Databases without truth values write 1 and 0."""
    known = {True: True, False: False, None: None}
    if set(values) <= set(known):
        return pl.Series(name, [known[value] for value in values], dtype=pl.Boolean)
    return _texts(name, values)


def _texts(name: str, values: Sequence[Any]) -> pl.Series:
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
