"""From the bytes of a register to its records: all of them, or one error that lists every fault."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from kpi_pipeline.connectors.registers.cells import MAX_CELL_BYTES, Cell, Notation
from kpi_pipeline.connectors.registers.formats import CellError, Column, Format, Reader
from kpi_pipeline.errors import Issue, RegisterError

_MISREAD_AS = ("cp1252", "cp1254")
_REMEDY = "Correct the file and load it again; the figures stay as they were until then."


class _Faults:
    """Faults found so far; a file with very many is not read to its end."""

    LIMIT = 200

    def __init__(self, file: str) -> None:
        self.file = file
        self.issues: list[Issue] = []

    def add(self, line: int, reason: str) -> None:
        self.issues.append(Issue(self.file, line, reason, rule="register"))

    @property
    def full(self) -> bool:
        return len(self.issues) >= self.LIMIT

    def raise_any(self) -> None:
        if self.issues:
            if self.full:
                self.add(self.issues[-1].line, f"more than {self.LIMIT} faults: the rest of the file was not looked at")
            raise RegisterError(f"reading the register {self.file}", self.issues, remedy=_REMEDY)


def parse(
    body: bytes, form: Format, *, file: str, delimiter: str, notation: Notation, now: datetime
) -> list[Mapping[str, Cell]]:
    """The records of a whole register, in file order.

    Raises RegisterError with file, line, column and reason of every fault: bytes that are not UTF-8, text that was
    encoded twice, another header or delimiter than declared, rows of another length, cells that do not parse, dates in
    the future, cells over 1 MB, and a key that is there twice.
    """
    faults = _Faults(file)
    text = _decoded(body, faults)
    faults.raise_any()
    rows = _rows(text, delimiter, faults)
    header = next(rows, None)
    columns = [] if header is None else [cell.strip() for cell in header[1]]
    _check_header(columns, form, delimiter, faults)
    faults.raise_any()
    reader, records, seen = Reader(notation, now), list[Mapping[str, Cell]](), dict[tuple[Cell, ...], int]()
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
            records.append(record)
        if faults.full:
            break
    faults.raise_any()
    return records


def _decoded(body: bytes, faults: _Faults) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(1, "the file is UTF-16; save it as UTF-8")
        return ""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line, place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        what = "as cp1252 (Windows) it reads as text" if _reads(body, "cp1252") else "it is no text in cp1252 either"
        faults.add(line, f"byte {place} of the line is not UTF-8; {what}. Save it as UTF-8")
        return ""
    if "\0" in text:
        faults.add(text[: text.index("\0")].count("\n") + 1, "a NUL byte: the file is damaged or not text")
    return text


def _reads(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


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


def _rows(text: str, delimiter: str, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """(line the row begins on, its cells); blank lines are passed over."""
    previous = csv.field_size_limit(len(text) + 1)  # our own limit is per cell, so that all faults are found
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        line = 1
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reason = "a quoted cell is never closed" if "unexpected end" in str(error) else f"not CSV: {error}"
        faults.add(line, reason)
    finally:
        csv.field_size_limit(previous)


def _check_header(columns: list[str], form: Format, delimiter: str, faults: _Faults) -> None:
    wanted = [column.header for column in form.columns]
    if columns == []:
        faults.add(1, "the file is empty; a register without rows still has its header")
        return
    if len(columns) == 1 and len(wanted) > 1:
        other = next((d for d in (",", ";", "\t", "|") if d != delimiter and d in columns[0]), None)
        if other:
            faults.add(1, f"the header is separated by {other!r}, declared is {delimiter!r}")
            return
    for name in wanted:
        if name not in columns:
            faults.add(1, f"column `{name}` is missing")
    for place, name in enumerate(columns, start=1):
        if name not in wanted:
            near = difflib.get_close_matches(name, [want for want in wanted if want not in columns], 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(wanted)}"
            shown = f"`{name}`" if name.isidentifier() else "a name that is no identifier"
            faults.add(1, f"column {place} is {shown}, which this register does not have{hint}")
    for name, count in Counter(columns).items():
        if count > 1 and name in wanted:
            faults.add(1, f"column `{name}` is there {count} times")


def _record(
    row: dict[str, str], form: Format, columns: list[str], reader: Reader, line: int, faults: _Faults
) -> Mapping[str, Cell] | None:
    values: dict[str, object] = {}
    for column in form.columns:
        try:
            values[column.header] = _value(row[column.header].strip(), column, reader)
        except ValueError as error:
            faults.add(line, _at(columns, column.header, str(error)))
    if len(values) < len(form.columns):
        return None
    try:
        return form.record(values)
    except CellError as error:
        faults.add(line, _at(columns, error.header, error.reason))
        return None


def _value(cell: str, column: Column, reader: Reader) -> object:
    if len(cell.encode()) > MAX_CELL_BYTES:
        raise ValueError(f"{len(cell.encode()):,} bytes; a cell may hold {MAX_CELL_BYTES:,}")
    if cell == "":
        if column.optional:
            return None
        raise ValueError("it is empty")
    if _encoded_twice(cell):
        raise ValueError(
            "its text was encoded twice (UTF-8 read as Windows text and saved again); restore the original"
        )
    return column.parse(cell, reader)


def _at(columns: list[str], header: str, reason: str) -> str:
    return f"column {columns.index(header) + 1} `{header}`: {reason}"
