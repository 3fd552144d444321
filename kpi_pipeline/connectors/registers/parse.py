"""From the bytes of a register to its records: all of them, or one error that lists every fault."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.connectors.registers import comma_separated, workbook
from kpi_pipeline.connectors.registers.cells import MAX_CELL_BYTES, Cell, Notation
from kpi_pipeline.connectors.registers.faults import Faults
from kpi_pipeline.connectors.registers.formats.base import CellError, Column, Format, Reader, moved, unapproved

_MISREAD_AS = ("cp1252", "cp1254")

Known = Mapping[tuple[Any, ...], Mapping[str, Cell]]


def parse(
    body: bytes,
    form: Format,
    *,
    file: str,
    delimiter: str,
    notation: Notation,
    now: datetime,
    zone: ZoneInfo | None = None,
    known: Known | None = None,
) -> list[tuple[int, Mapping[str, Cell]]]:
    """(line, record) of a whole register, in file order; CSV or an Excel workbook, told apart by their first bytes.

    `zone` is that of instants without an offset (None refuses them). `known` holds, by key, the frozen values of rows
    that were taken before; a row that moves one needs an approval.

    Raises RegisterError with file, line (and sheet), column and reason of every fault: bytes that are not UTF-8, text
    that was encoded twice, another header or delimiter than declared, rows of another length, cells that do not parse,
    formulas, dates in the future, cells over 1 MB, a key that is there twice, and a frozen value that moved.
    """
    faults = Faults(file)
    rows = _rows(body, form, delimiter, notation, faults)
    header = next(rows, None)
    columns = [] if header is None else [cell.strip() for cell in header[1]]
    faults.raise_any()
    _check_header(1 if header is None else header[0], columns, form, delimiter, faults)
    faults.raise_any()
    reader, records, seen = Reader(notation, now, zone), list[tuple[int, Mapping[str, Cell]]](), dict[Any, int]()
    for line, cells in rows:
        if len(cells) != len(columns):
            faults.add(line, f"{len(cells)} cells where the header has {len(columns)} columns")
        elif (
            record := _record(dict(zip(columns, cells, strict=True)), form, columns, reader, line, faults)
        ) is not None:
            key = tuple(record[name] for name in form.key)
            if key in seen:
                faults.add(line, f"column `{'`, `'.join(form.key)}`: the same key as on line {seen[key]}")
            seen.setdefault(key, line)
            for field in moved(form.frozen, None if known is None else known.get(key), record):
                before = known[key][field] if known is not None else None
                faults.add_cell(
                    line, columns.index(form.header_of(field)) + 1, form.header_of(field), unapproved(before)
                )
            records.append((line, record))
        if faults.full:
            break
    for line, name, reason in form.rebaselined(records):
        faults.add_cell(line, columns.index(name) + 1, name, reason)
    faults.raise_any()
    return records


def _rows(
    body: bytes, form: Format, delimiter: str, notation: Notation, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    if body.startswith((workbook.MAGIC, workbook.OLD_MAGIC)):
        return workbook.rows(body, form.name, notation, faults)
    return comma_separated.rows(body, delimiter, faults)


def _encoded_twice(cell: str) -> bool:
    """Whether UTF-8 was read as a Windows code page and saved again: "CafÃ©" gives back the bytes of "Café"."""
    if cell.isascii():
        return False
    for encoding in _MISREAD_AS:
        try:
            # bytes that the code page leaves undefined were passed through as control characters
            raw = b"".join(c.encode("latin-1") if "\x80" <= c < "\xa0" else c.encode(encoding) for c in cell)
            raw.decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def _check_header(line: int, columns: list[str], form: Format, delimiter: str, faults: Faults) -> None:
    wanted = [column.header for column in form.columns]
    if columns == []:
        faults.add(line, "the file is empty; a register without rows still has its header")
        return
    if len(columns) == 1 and len(wanted) > 1:
        other = next((d for d in comma_separated.DELIMITERS if d != delimiter and d in columns[0]), None)
        if other:
            faults.add(line, f"the header is separated by {other!r}, declared is {delimiter!r}")
            return
    for name in wanted:
        if name not in columns:
            faults.add(line, f"column `{name}` is missing")
    for place, name in enumerate(columns, start=1):
        if name not in wanted:
            near = difflib.get_close_matches(name, [want for want in wanted if want not in columns], 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(wanted)}"
            shown = f"`{name}`" if name.isidentifier() else "a name that is no identifier"
            column = faults.column_name(place)
            faults.add(line, f"column {column} is {shown}, which this register does not have{hint}")
    for name, count in Counter(columns).items():
        if count > 1 and name in wanted:
            faults.add(line, f"column `{name}` is there {count} times")


def _record(
    row: dict[str, str], form: Format, columns: list[str], reader: Reader, line: int, faults: Faults
) -> Mapping[str, Cell] | None:
    values: dict[str, object] = {}
    for column in form.columns:
        try:
            values[column.header] = _value(row[column.header].strip(), column, reader)
        except ValueError as error:
            faults.add_cell(line, columns.index(column.header) + 1, column.header, str(error))
    if len(values) < len(form.columns):
        return None
    try:
        return form.record(values)
    except CellError as error:
        faults.add_cell(line, columns.index(error.header) + 1, error.header, error.reason)
        return None


def _value(cell: str, column: Column, reader: Reader) -> object:
    if len(cell.encode()) > MAX_CELL_BYTES:
        raise ValueError(f"{len(cell.encode()):,} bytes; a cell may hold {MAX_CELL_BYTES:,}")
    if cell == "":
        if column.optional:
            return column.empty
        raise ValueError("it is empty")
    if _encoded_twice(cell):
        raise ValueError(
            "its text was encoded twice (UTF-8 read as Windows text and saved again); restore the original"
        )
    return column.kind.parse(cell, reader)
