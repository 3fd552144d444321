"""Registers in Excel: read like their CSV, and every fault with sheet, row and column."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from kpi_pipeline.connectors.registers import connect
from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.connectors.registers.parse import parse
from kpi_pipeline.errors import RegisterError, SettingsError
from kpi_pipeline.landing.page import Window
from kpi_pipeline_tests.connectors.wire import NOW, rows

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PLAN = FORMATS["roadmap_items"]
HEADER = [column.header for column in PLAN.columns]
ENTERED = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - a cell of Excel knows no zone
GOOD: list[Any] = ["R-1", "Sign-on", "platform", 8.25, date(2026, 12, 31), None, None, None, None, "anna", ENTERED]


def book(*lines: list[Any], header: list[Any] | None = None, sheets: tuple[str, ...] = ("Blad1",)) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name in sheets:
        sheet = made.create_sheet(name)
        sheet.append(HEADER if header is None else header)
        for line in lines:
            sheet.append(line)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def read(body: bytes, notation: Any = "nl") -> list[Any]:
    given = {"file": "plan.xlsx", "delimiter": ",", "now": NOW, "zone": AMSTERDAM}
    return [record for _, record in parse(body, PLAN, notation=notation, **given)]  # type: ignore[arg-type]


def faults(body: bytes) -> list[str]:
    with pytest.raises(RegisterError, match="nothing of the file was taken") as caught:
        read(body)
    return [str(issue) for issue in caught.value.issues]


def changed(**cells: Any) -> list[Any]:
    return [cells.get(header, cell) for header, cell in zip(HEADER, GOOD, strict=True)]


@pytest.mark.parametrize("notation", ["nl", "iso"])
def test_numbers_days_and_local_times_of_a_sheet_are_those_of_the_csv(notation: str) -> None:
    (record,) = read(book(GOOD), notation)
    assert (record["value_e2"], record["due_date"], record["delivered_date"]) == (825, "2026-12-31", None)
    assert record["entered_at"] == "2026-11-20T09:30:00+01:00"  # what the clock on the wall showed


@pytest.mark.parametrize(
    ("written", "hundredths"), [(0.1 + 0.2, 30), (1850, 185_000), ("1.850,5", 185_050), (1e6, 100_000_000), (0, 0)]
)
def test_a_number_is_what_excel_shows_and_text_is_in_the_notation(written: Any, hundredths: int) -> None:
    assert read(book(changed(value=written)))[0]["value_e2"] == hundredths


def test_empty_rows_and_formats_to_the_right_are_passed_over() -> None:
    assert len(read(book([], GOOD, [None] * 30, changed(item_id="R-2")))) == 2


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"value": "=4+4"}, "column D: a formula; paste its value instead"),
        ({"value": "acht"}, "column D `value`: a text of 4 characters is not a number"),
        ({"due_date": "31-12-2026"}, 'column E `due_date`: "31-12-2026" is not a day as YYYY-MM-DD'),
        ({"delivered_date": date(2026, 11, 24)}, 'column F `delivered_date`: "2026-11-24" is in the future'),
        ({"entered_at": datetime(2026, 11, 24, 1)}, "column K `entered_at`: "),  # noqa: DTZ001
        ({"item_name": "CafÃ©"}, "column B `item_name`: its text was encoded twice"),
        ({"hard_reason": "boss"}, "column H `hard_reason`: a text of 4 characters is none of customer, compliance"),
        ({"item_id": None}, "column A `item_id`: it is empty"),
    ],
)
def test_a_fault_is_told_with_sheet_row_and_column(cells: dict[str, Any], said: str) -> None:
    found = faults(book(changed(item_id="R-0"), changed(**cells)))
    assert found[0].startswith(f"plan.xlsx[Blad1]:3: error: {said}")


def test_an_error_cell_is_named() -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.append(HEADER)
    sheet.append(GOOD)
    sheet["D2"].value = "#REF!"
    body = io.BytesIO()
    made.save(body)
    assert faults(body.getvalue())[0] == "plan.xlsx[Sheet]:2: error: column D: the error #REF!"


def test_another_header_is_refused() -> None:
    found = faults(book(GOOD, header=[*HEADER[:3], "valeu", *HEADER[4:]]))
    assert found[0] == "plan.xlsx[Blad1]:1: error: column `value` is missing"
    assert found[1].startswith("plan.xlsx[Blad1]:1: error: column D is `valeu`, which this register does not have; did")


def test_the_sheet_named_like_the_register_is_read_among_several() -> None:
    assert len(read(book(GOOD, sheets=("Uitleg", "roadmap_items")))) == 1
    assert faults(book(GOOD, sheets=("Uitleg", "Blad2"))) == [
        "plan.xlsx:1: error: it has the sheets Uitleg, Blad2; name the one to read 'roadmap_items'"
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04 no zip", "it is no Excel workbook that can be read"),
        (b"\xd0\xcf\x11\xe0 old", "an old or encrypted Excel file; save it as .xlsx"),
        (book(header=[]), "the file is empty"),
    ],
)
def test_what_is_no_workbook_is_named(body: bytes, said: str) -> None:
    assert said in faults(body)[0]


def test_a_folder_may_hold_a_workbook_in_place_of_the_csv_but_not_both(tmp_path: Path) -> None:
    (tmp_path / "roadmap_items.xlsx").write_bytes(book(GOOD))
    settings = {"files": ["roadmap_items"]}
    reader = connect(
        base_url=str(tmp_path),
        key=None,
        key_variable="K",
        settings=settings,
        budget=None,
        now=lambda: NOW,
        zone=AMSTERDAM,
    )  # type: ignore[arg-type]
    (stream,) = reader.streams
    assert len(rows(reader.read(stream, Window(NOW, NOW)))) == 1
    (tmp_path / "roadmap_items.csv").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"roadmap_items\.csv and roadmap_items\.xlsx.*Keep one of the two"):
        rows(reader.read(stream, Window(NOW, NOW)))
