"""CSV bytes → lines of cells; bytes that are no UTF-8 text are named for what they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kpi_pipeline.connectors.registers.faults import Faults

DELIMITERS = (",", ";", "\t", "|")
# Of the whole process, so it is set once; our own limit is per cell, so that all faults of a file are found.
csv.field_size_limit(2**31 - 1)


def rows(body: bytes, delimiter: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """(line the row begins on, its cells); blank lines are passed over. Raises RegisterError for what is no text."""
    text = _decoded(body, faults)
    faults.raise_any()
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


def _decoded(body: bytes, faults: Faults) -> str:
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
