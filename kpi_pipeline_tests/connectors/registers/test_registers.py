"""Registers from a folder and over the wire: a whole file or a list of all its faults, never a part of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.registers import Registers, connect
from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.connectors.registers.parse import parse as parse_lines
from kpi_pipeline.errors import RegisterError, SettingsError, SourceRefused, SourceUnavailable
from kpi_pipeline.landing.page import Window
from kpi_pipeline.sandbox.world.model import LedgerEntry, SurveyInvitation
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

HEADER = "entry_id,day,account,kind,category,amount,currency,one_off,restricted,entered_by,entered_at"
GOOD = 'L-1,2026-11-02,NL01 zakelijk,balance,cash,"1.850,00",EUR,false,false,Hugo Smit,2026-11-02T08:00:00Z'
FIELDS = HEADER.split(",")


def parse(body: bytes, form: Any, **given: Any) -> list[Any]:
    return [record for _, record in parse_lines(body, form, **given)]


def line(number: int = 1, **cells: str) -> str:
    values = ("L-1", "2026-11-02", "NL01", "outflow", "rent", "1.850,00", "EUR", "false", "false", "", "")
    usual = dict(zip(FIELDS, values, strict=True))
    return ",".join(f'"{value}"' for value in (usual | {"entry_id": f"L-{number}"} | cells).values())


def ledger(*lines: str, header: str = HEADER, encoding: str = "utf-8", **more: Any) -> list[Any]:
    body = "\r\n".join([header, *lines, ""]).encode(encoding)
    given = {"file": "ledger.csv", "delimiter": ",", "notation": "nl", "now": NOW}
    return parse(body, FORMATS["ledger"], **(given | more))


def faults(*lines: str, **more: Any) -> list[str]:
    with pytest.raises(RegisterError, match="nothing of the file was taken") as caught:
        ledger(*lines, **more)
    return [str(issue) for issue in caught.value.issues]


def test_a_row_becomes_a_record_with_exact_minor_units() -> None:
    assert ledger(GOOD) == [
        {
            "entry_id": "L-1",
            "day": "2026-11-02",
            "account": "NL01 zakelijk",
            "kind": "balance",
            "category": "cash",
            "currency": "EUR",
            "one_off": False,
            "restricted": False,
            "entered_by": "Hugo Smit",
            "entered_at": "2026-11-02T08:00:00+00:00",
            "amount_minor": 185_000,
        }
    ]


@pytest.mark.parametrize(
    ("written", "notation", "minor"),
    [
        ("1.850,00", "nl", 185_000),
        ("1.850", "nl", 185_000),  # a point before three digits is a thousand
        ("1850", "nl", 185_000),
        ("1850,5", "nl", 185_050),
        ("1850.50", "nl", 185_050),  # a point before two digits can only be decimal
        ("12.345.678,90", "nl", 1_234_567_890),
        ("1.85", "iso", 185),
        ("1850.00", "iso", 185_000),
        ("0,29", "nl", 29),
    ],
)
def test_amounts_are_read_in_the_declared_notation(written: str, notation: str, minor: int) -> None:
    assert ledger(line(amount=written), notation=notation)[0]["amount_minor"] == minor


@pytest.mark.parametrize(("currency", "written", "minor"), [("JPY", "1.850", 1850), ("KWD", "1,234", 1234)])
def test_minor_units_follow_the_exponent_of_the_currency(currency: str, written: str, minor: int) -> None:
    assert ledger(line(amount=written, currency=currency))[0]["amount_minor"] == minor


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"amount": "1,850.00"}, 'column 6 `amount`: "1,850.00" is not a number in this register\'s notation'),
        ({"amount": "1.85,00"}, 'column 6 `amount`: "1.85,00" is not a number'),
        ({"amount": "1,999"}, 'column 6 `amount`: "1.999" has more than 2 decimals'),
        ({"amount": "-5,00"}, 'column 6 `amount`: "-5.00" is negative; the kind (outflow) already says the direction'),
        ({"amount": "NaN"}, "column 6 `amount`: a text of 3 characters is not a number"),
        ({"amount": ""}, "column 6 `amount`: it is empty"),
        ({"day": "02-11-2026"}, 'column 2 `day`: "02-11-2026" is not a day as YYYY-MM-DD'),
        ({"day": "2026-02-29"}, 'column 2 `day`: "2026-02-29" is a day that does not exist'),
        ({"day": "2026-11-24"}, 'column 2 `day`: "2026-11-24" is in the future'),
        ({"entered_at": "2026-11-02T08:00:00"}, 'column 11 `entered_at`: "2026-11-02T08:00:00" has no time zone'),
        ({"entered_at": "2026-11-22T12:11:00Z"}, 'column 11 `entered_at`: "2026-11-22T12:11:00Z" is in the future'),
        ({"currency": "eur"}, "column 7 `currency`: a text of 3 characters is not a currency code"),
        ({"kind": "costs"}, "column 4 `kind`: a text of 5 characters is none of balance, outflow, inflow"),
        ({"one_off": "maybe"}, "column 8 `one_off`: a text of 5 characters is neither true nor false"),
        ({"account": "CafÃ©"}, "column 3 `account`: its text was encoded twice"),
        ({"account": "â‚¬ rekening"}, "column 3 `account`: its text was encoded twice"),
        ({"account": "a" * 1_000_001}, "column 3 `account`: 1,000,001 bytes; a cell may hold 1,000,000"),
        ({"account": "a\x07b"}, "column 3 `account`: it holds control characters"),
    ],
)
def test_a_fault_is_told_with_line_column_and_reason(cells: dict[str, str], said: str) -> None:
    found = faults(line(1), line(2, **cells))
    assert len(found) == 1
    assert found[0].startswith(f"ledger.csv:3: error: {said}")


def test_all_faults_of_a_file_are_told_at_once() -> None:
    found = faults(line(1, amount="x", day="y"), line(2), "too,short", line(2, kind="x"), line(2))
    assert [text.split(": ", 2)[0] for text in found] == [f"ledger.csv:{n}" for n in (2, 2, 4, 5, 6)]
    assert "2 cells where the header has 11 columns" in found[2]
    assert found[4].endswith("column `entry_id`: the same key as on line 3")


def test_a_cell_that_is_no_number_is_not_quoted() -> None:
    with pytest.raises(RegisterError, match="amount") as caught:
        ledger(line(amount="jan.jansen@example.nl"))
    assert "jansen" not in str(caught.value)


def test_a_file_full_of_faults_is_not_read_to_its_end() -> None:
    found = faults(*(line(n, amount="x") for n in range(5000)))
    assert len(found) == 201
    assert found[-1].endswith("more than 200 faults: the rest of the file was not looked at")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace("amount", "amuont"), "column 6 is `amuont`, which this register does not have; did you mean"),
        (HEADER.replace(",currency", ""), "column `currency` is missing"),
        (HEADER + ",note", "column 12 is `note`, which this register does not have; known are entry_id"),
        (HEADER + ",day", "column `day` is there 2 times"),
        (HEADER.replace(",", ";"), "the header is separated by ';', declared is ','"),
        ("", "column `entry_id` is missing"),
    ],
)
def test_another_header_is_refused(header: str, said: str) -> None:
    line = 1 if header else 2  # the first line that is not blank is taken for the header
    assert any(text.startswith(f"ledger.csv:{line}: error: {said}") for text in faults(GOOD, header=header))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            f"{HEADER}\n{GOOD}\nL-2,2026-11-02,Café".encode("cp1252"),
            r"ledger\.csv:3: .*byte 19 .* as cp1252 \(Windows\)",
        ),
        (f"{HEADER}\n{GOOD}".encode("utf-16"), r"ledger\.csv:1: .*the file is UTF-16"),
        (f"{HEADER}\n{GOOD}\nL\0".encode(), r"ledger\.csv:3: .*a NUL byte"),
        (f'{HEADER}\n{GOOD}\n"L-2,2026'.encode(), r"ledger\.csv:3: .*a quoted cell is never closed"),
        (b"", r"ledger\.csv:1: .*the file is empty"),
    ],
)
def test_bytes_that_are_no_such_text_are_named(body: bytes, said: str) -> None:
    with pytest.raises(RegisterError, match=said):
        parse(body, FORMATS["ledger"], file="ledger.csv", delimiter=",", notation="nl", now=NOW)


def test_a_byte_order_mark_blank_lines_and_semicolons_are_read() -> None:
    semicolons = [HEADER.replace(",", ";"), "", ";".join(GOOD.replace('"1.850,00"', "1.850,00").split(","))]
    found = ledger(GOOD, "", line(2), encoding="utf-8-sig")
    assert [row["entry_id"] for row in found] == ["L-1", "L-2"]
    body = "\n".join(semicolons).replace("1.850;00", "1.850,00").encode()
    assert parse(body, FORMATS["ledger"], file="f", delimiter=";", notation="nl", now=NOW) == ledger(GOOD)


def test_lines_are_counted_through_cells_with_line_breaks() -> None:
    assert faults(line(1, account="NL01\r\nsecond line"), line(2, amount="x"))[0].startswith("ledger.csv:4:")


def test_an_exchange_rate_keeps_six_decimals() -> None:
    def read(rate: str) -> Any:
        body = f"day,currency,rate\n2026-11-02,USD,{rate}\n".encode()
        return parse(body, FORMATS["fx_rates"], file="fx_rates.csv", delimiter=",", notation="iso", now=NOW)

    assert read("1.0853") == [{"day": "2026-11-02", "currency": "USD", "rate_e6": 1_085_300}]
    for wrong, said in (("0", "is not positive"), ("1.00000001", "more than 6 decimals"), ("1;08", "is not a number")):
        with pytest.raises(RegisterError, match=said):
            read(wrong)


def test_an_invitation_cannot_bounce_before_it_was_sent() -> None:
    header = "invitation_id,booking_id,form_id,sent_at,delivered_at,bounced_at,is_reminder,entered_at"
    body = f"{header}\ni,b,nps,2026-11-02T10:00:00Z,,2026-11-02T09:00:00Z,nee,\n".encode()
    with pytest.raises(RegisterError, match=r"column 6 `bounced_at`.*before sent_at"):
        parse(body, FORMATS["survey_invitations"], file="f", delimiter=",", notation="iso", now=NOW)


def entry(number: int, day: str, amount: str = "1850.00") -> LedgerEntry:
    return LedgerEntry(
        f"L-{number}", date.fromisoformat(day), "NL01", "outflow", "rent", Decimal(amount), "EUR", False, False,
        "Hugo Smit", utc(f"{day} 08:00"),
    )  # fmt: skip


def served() -> Any:
    sent = utc("2026-11-02 10:00")
    invited = SurveyInvitation("inv-1", "B-1", "nps", sent, sent + timedelta(seconds=3), None, False, sent)
    return world(ledger=[entry(n, f"2026-11-{1 + n % 20:02}") for n in range(6000)], invitations=[invited])


@pytest.fixture
def wire(tmp_path: Path) -> Any:
    with wired("registers", served(), tmp_path, {"files": ["ledger", "survey_invitations"]}) as open_wire:
        yield open_wire


def test_a_register_over_http_comes_whole_and_in_pages(wire: Wire) -> None:
    reading = wire.read("ledger")
    pages = list(reading)
    assert [page.count for page in pages] == [5000, 1000]
    assert (reading.proof.how, reading.proof.expected) == ("snapshot", 6000)
    assert len(wire.requests) == 1


def test_only_named_registers_are_streams(wire: Wire) -> None:
    assert [stream.name for stream in wire.connector.streams] == ["survey_invitations", "ledger"]
    assert wire.rows("survey_invitations")[0]["delivered_at"] == "2026-11-02T10:00:03+00:00"


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("html_error", SourceUnavailable, "HTTP 502"),
        ("ok_with_error", SourceUnavailable, "application/json, not CSV"),
        ("expired_key", SourceRefused, "MISTER_DJ_REGISTERS_API_KEY"),
        ("reset_mid_body", SourceUnavailable, "4 times"),
        ("throttle", SourceUnavailable, "HTTP 429"),
    ],
)
def test_faults_of_the_wire_end_in_the_right_error(wire: Wire, kind: str, error: type[Exception], said: str) -> None:
    wire.fault(kind)
    with pytest.raises(error, match=said):
        wire.rows("ledger")


def test_a_page_of_html_with_status_200_is_no_register(wire: Wire) -> None:
    wire.fault("html_error", status=200)
    with pytest.raises(SourceUnavailable, match="text/html; charset=utf-8, not CSV"):
        wire.rows("ledger")


def test_a_folder_is_read_like_an_address(tmp_path: Path) -> None:
    (tmp_path / "kas.csv").write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    settings = {"files": [{"name": "ledger", "file": "kas.csv"}, "fx_rates"]}
    common = {"key": None, "key_variable": "K", "settings": settings, "budget": None, "now": lambda: NOW}
    for address in (str(tmp_path), f"file://{tmp_path}"):
        reader = connect(base_url=address, **common)  # type: ignore[arg-type]
        window = Window(NOW - timedelta(days=1), NOW)
        assert rows(reader.read(reader.streams[0], window))[0]["entry_id"] == "L-1"
        with pytest.raises(SettingsError, match=r"fx_rates\.csv: there is no such file"):
            rows(reader.read(reader.streams[1], window))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "there is no list `files`"),
        (["kasboek"], "there is no register 'kasboek'; there are survey_invitations, ledger, fx_rates, scorecard"),
        (
            [{"name": "ledger", "seperator": ";"}],
            "ledger has seperator; known are name, file, delimiter, notation, owner",
        ),
        ([{"name": "ledger", "notation": "us"}], "the notation is nl or iso"),
    ],
)
def test_settings_are_refused_with_what_is_wrong(files: list[Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Registers(Path(), {"files": files}, now=lambda: NOW)
