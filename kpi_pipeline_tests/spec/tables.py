"""Facts written as tables: blank is null, times are local to the company's zone ('2026-03-29 01:30', or with '+02:00'
where that is twice a day), yes/no are flags, inf is the bound +Inf."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from kpi_pipeline.clock import epoch_ms
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics.windows import day_index

ZONE = ZoneInfo("Europe/Amsterdam")
TYPES = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}


def rows(text: str) -> list[dict[str, str]]:
    """A table with a header and bars between columns → one dict a row."""
    header, *lines = [
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if not set(line) <= set("-| ")
    ]
    return [dict(zip(header, line, strict=True)) for line in lines]


def instant(text: str, zone: ZoneInfo = ZONE) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def fact(name: str, text: str, zone: ZoneInfo = ZONE) -> ibis.Table:
    """A fact with all its columns; those the table leaves out are null."""
    columns = FACTS[name].columns
    read = [
        {column: _cell(column, columns[column].type, cell, zone) for column, cell in row.items()} for row in rows(text)
    ]
    schema = pa.schema([(column, TYPES[spec.type]) for column, spec in columns.items()])
    return ibis.memtable(pa.Table.from_pylist(read, schema=schema))


def _cell(column: str, kind: str, cell: str, zone: ZoneInfo) -> Any:
    if cell == "":
        return None
    if column.endswith("_at"):
        return epoch_ms(instant(cell, zone))
    if column == "day" or column.endswith("_day"):
        return day_index(date.fromisoformat(cell))
    if kind == "boolean":
        return {"yes": True, "no": False}[cell]
    if kind == "float64":
        return 1e308 if cell == "inf" else float(cell)
    return int(cell) if kind == "int64" else cell
