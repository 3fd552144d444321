"""An empty register to fill in: its header and one example row, as CSV or as an Excel workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from kpi_pipeline.connectors.registers.cells import Notation
from kpi_pipeline.connectors.registers.formats.base import Format

BROAD = 16  # width of a column in characters, wide enough for a date


def example(form: Format, notation: Notation, filled: Mapping[str, str]) -> list[str]:
    """The cells of the example row: those `filled` in by header, else the format's own; optional ones stay empty."""
    cells = []
    for column in form.columns:
        own = column.example if column.example else column.kind.example
        if notation == "iso" and column.kind.numeric:
            own = own.replace(".", "").replace(",", ".")
        cells.append(filled.get(column.header, "" if column.optional else own))
    return cells


def as_csv(form: Format, notation: Notation, delimiter: str, filled: Mapping[str, str]) -> bytes:
    """UTF-8 with a byte order mark, by which Excel knows that it is no cp1252."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([column.header for column in form.columns])
    writer.writerow(example(form, notation, filled))
    return text.getvalue().encode("utf-8-sig")


def as_workbook(form: Format, notation: Notation, filled: Mapping[str, str]) -> bytes:
    """One sheet named like the register; every cell is text, so that no program turns 1.850 into 1,85."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(form.name)
    sheet.append([column.header for column in form.columns])
    sheet.append(example(form, notation, filled))
    sheet.freeze_panes = "A2"
    for place, column in enumerate(form.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(BROAD, len(column.header) + 2)
        sheet.cell(1, place).font = Font(bold=True)
        sheet.cell(2, place).number_format = "@"
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()
