"""A document as an Excel workbook in the shape of a weekly scorecard: a row a KPI, with room for risk and action.

The same document gives the same bytes: the workbook's dates are those of the document, not of its writing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kpi_pipeline.reports.charts.glyph import COLOURS
from kpi_pipeline.reports.packs.document import Amount, Cell, Document, Facts, Picture, Section, State, Table, Text
from kpi_pipeline.reports.palette import LIGHT

ZIPPED_AT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
# A program that reads the cell again, or a CSV made of it, would take these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDTHS = {"kpi": 34, "text": 18, "number": 14, "wide": 60}


def excel(document: Document) -> bytes:
    """The workbook: overview, scorecard, definitions, receipts."""
    book = Workbook()
    _overview(book.active, document)
    _scorecard(book.create_sheet(), document)
    for section in document.sections:
        if section.folded:
            _reference(book.create_sheet(), section)
    at = document.known_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.creator = _clean(document.company_name)
    book.properties.title = _clean(document.full_title)
    book.properties.created = at
    written = BytesIO()
    book.save(written)
    return _fixed(written.getvalue(), at.isoformat().encode() + b"Z")


def _overview(sheet: Any, document: Document) -> None:
    words, front = document.words, document.front
    sheet.title = _sheet(words["overview"])
    rows: list[tuple[Any, ...]] = [(document.full_title,), *front.facts, (words["summary"], front.headline)]
    rows += [(each.words, each.count) for each in front.counts]
    for number, row in enumerate(rows, start=1):
        for column, each in enumerate(row, start=1):
            _put(sheet, number, column, each, bold=column == 1)
    number = len(rows) + 2
    for section in front.sections:
        number = _plain_section(sheet, section, number) + 1
    _widths(sheet, (34, 24, 18, 18, 18, 18, 34))
    sheet["A1"].font = Font(bold=True, size=14)


def _plain_section(sheet: Worksheet, section: Section, number: int) -> int:
    """A section from a row on; the row after it."""
    _put(sheet, number, 1, section.title, bold=True)
    number += 1
    for block in section.blocks:
        if isinstance(block, Table):
            for column, each in enumerate(block.columns, start=1):
                _head(sheet, number, column, each.words)
            for row in block.rows:
                number += 1
                for column, cell in enumerate(row.cells, start=1):
                    _cell(sheet, number, column, cell)
            number += 1
        elif not isinstance(block, Facts) and hasattr(block, "text"):
            _put(sheet, number, 1, block.text)
            number += 1
    return number


def _scorecard(sheet: Worksheet, document: Document) -> None:
    """Group, KPI, owner, target, value, exact value, steps, status, n, trust; then what people fill in."""
    words = document.words
    sheet.title = _sheet(words["scorecard"])
    heads = (
        *("group", "kpi", "owner", "target", "value", "exact", "to_target", "change", "status", "remark", "no_of"),
        *("trusted", "main_risk", "main_action", "action_owner", "deadline", "kpi_id", "day"),
    )
    for column, name in enumerate(heads, start=1):
        _head(sheet, 1, column, words[name])
    number = 1
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.role == "scores":
                for row in block.rows:
                    number += 1
                    _score(sheet, number, section.title, row.cells, row.minor)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{max(number, 1)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    _widths(sheet, (20, 36, 24, 14, 16, 14, 18, 20, 20, 24, 10, 20, 26, 26, 18, 14, 28, 12))


def _score(sheet: Worksheet, number: int, group: str, cells: Sequence[Cell], minor: bool) -> None:
    name, state, value, aim, change = cells[:5]
    assert isinstance(name, Text)  # noqa: S101 - a scorecard begins like this
    assert isinstance(state, State)  # noqa: S101
    assert isinstance(value, Amount)  # noqa: S101
    trusted = cells[-1]
    ref = dict(value.number.ref)
    row: tuple[Any, ...] = (
        group,
        f"   {name.words}" if minor else name.words,
        name.quiet,
        getattr(aim, "words", ""),
        value.number.text,
        value.number.value,
        getattr(aim, "quiet", ""),
        getattr(change, "words", ""),
        state.words,
        state.quiet,
        value.n,
        getattr(trusted, "words", ""),
        None,
        None,
        None,
        None,
        ref.get("kpi", ""),
        date.fromisoformat(ref["day"]) if "day" in ref else None,
    )
    for column, each in enumerate(row, start=1):
        _put(sheet, number, column, each, bold=column == 2 and not minor)
    sheet.cell(number, 9).font = Font(color=LIGHT[COLOURS[state.status]].lstrip("#"), bold=True)


def _reference(sheet: Worksheet, section: Section) -> None:
    sheet.title = _sheet(section.title)
    number = 0
    for block in section.blocks:
        if isinstance(block, Table):
            rows = [[_words(cell) for cell in row.cells] for row in block.rows]
        elif isinstance(block, Facts):
            rows = [[label.words, _words(cell)] for label, cell in block.items]
        else:
            rows = [[getattr(block, "text", "")]]
        for row in rows:
            number += 1
            for column, each in enumerate(row, start=1):
                _put(sheet, number, column, each, bold=column == 1 and len(row) > 1)
    _widths(sheet, (44, 120))


def _cell(sheet: Worksheet, number: int, column: int, cell: Cell) -> None:
    _put(sheet, number, column, _words(cell))


def _words(cell: Cell) -> str:
    if isinstance(cell, Picture):
        return cell.words
    words, more = (cell.number.text, cell.more) if isinstance(cell, Amount) else (cell.words, cell.quiet)
    return f"{words}\n{more}" if more else words


def _head(sheet: Worksheet, number: int, column: int, words: str) -> None:
    _put(sheet, number, column, words, bold=True)
    found = sheet.cell(number, column)
    found.fill = PatternFill("solid", fgColor=LIGHT["soft"].lstrip("#"))
    found.border = Border(bottom=Side("thin", color=LIGHT["quiet"].lstrip("#")))


def _put(sheet: Worksheet, number: int, column: int, value: object, *, bold: bool = False) -> None:
    """A value in a cell; a text stays a text whatever it begins with."""
    found = sheet.cell(number, column)
    if isinstance(value, str):
        text = _clean(value)
        found.value = text
        found.data_type = "s"
        if text.startswith(FORMULA):
            found.quotePrefix = True
    elif isinstance(value, Decimal):
        found.value = float(value)
    elif value is not None:
        found.value = value  # type: ignore[assignment]
    found.alignment = Alignment(vertical="top", wrap_text=True)
    found.font = Font(bold=bold)


def _clean(text: str) -> str:
    """Without the control characters that no workbook may hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text)


def _sheet(title: str) -> str:
    """A title as the name of a sheet: 31 characters, and none of those that have a meaning there."""
    return re.sub(r"[\\/*?:\[\]]", " ", _clean(title))[:31].strip() or "-"


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _fixed(content: bytes, at: bytes) -> bytes:
    """The same workbook without the moment of its writing, which openpyxl puts into it and every zip into itself."""
    written = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "docProps/core.xml":
                part = MODIFIED.sub(rb"\g<1>" + at + rb"\g<2>", part)
            new.writestr(ZipInfo(entry.filename, ZIPPED_AT), part, ZIP_DEFLATED)
    return written.getvalue()
