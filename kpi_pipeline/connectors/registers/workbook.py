"""An Excel workbook (.xlsx) → rows of cells as text, the way the register's CSV would hold them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.connectors.registers.cells import Notation
from kpi_pipeline.connectors.registers.faults import Faults

MAGIC, OLD_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_UNPACKED = 200_000_000  # a zip of a few kB can unpack to gigabytes


def rows(body: bytes, sheet: str, notation: Notation, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """(row number, its cells) of the sheet named like the register, or of the only one; blank rows are passed over.

    Dates, numbers and flags become the text of a CSV in `notation`. A formula is a fault, because what it shows
    depends on the program that last saved the file; so is an error such as #REF!.
    Raises RegisterError for bytes that are no such workbook.
    """
    from openpyxl.utils import get_column_letter  # takes a tenth of a second that no CSV needs

    faults.column_name = get_column_letter
    page = _sheet(body, sheet, faults)
    faults.raise_any()
    faults.sheet = page.title
    width = None
    for number, row in enumerate(page.iter_rows(), start=1):
        filled = [place for place, cell in enumerate(row, start=1) if cell.value not in (None, "")]
        if not filled:
            continue
        width = max(filled) if width is None else width
        texts = []
        for place, cell in enumerate(row[: max(width, max(filled))], start=1):
            try:
                texts.append(_text(cell, notation))
            except ValueError as error:
                faults.add(number, f"column {get_column_letter(place)}: {error}")
                texts.append("")
        yield number, texts + [""] * (width - len(texts))


def _sheet(body: bytes, name: str, faults: Faults) -> Any:
    if body.startswith(OLD_MAGIC):
        faults.add(1, "it is an old or encrypted Excel file; save it as .xlsx without a password")
        return None
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            faults.add(1, f"it unpacks to {unpacked:,} bytes; a workbook may hold {MAX_UNPACKED:,}")
            return None
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        faults.add(1, f"it is no Excel workbook that can be read ({type(error).__name__})")
        return None
    if name not in book.sheetnames and len(book.sheetnames) > 1:
        faults.add(1, f"it has the sheets {', '.join(book.sheetnames)}; name the one to read {name!r}")
        return None
    return book[name] if name in book.sheetnames else book[book.sheetnames[0]]


def _text(cell: Any, notation: Notation) -> str:
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        raise ValueError("a formula; paste its value instead")
    if cell.data_type == "e":
        raise ValueError(f"the error {value}")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        at_midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if at_midnight else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(Decimal(value if isinstance(value, int) else f"{value:.15g}"), notation)
    return str(value)


def _number(value: Decimal, notation: Notation) -> str:
    """Without an exponent and without thousands; Excel means 15 digits, so that 0.1 + 0.2 is 0.3."""
    text = f"{value.normalize():f}" if value else "0"
    return text.replace(".", ",") if notation == "nl" else text
