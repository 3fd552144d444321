"""PDF, Excel and mail say what the page says, are the same every time, and take no text for anything but words."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline.reports.packs.document import Document
from kpi_pipeline.reports.packs.excel import excel
from kpi_pipeline.reports.packs.mail import WIDTH, mail
from kpi_pipeline.reports.packs.pdf import pdf
from kpi_pipeline_tests.reports.conftest import kpi
from kpi_pipeline_tests.reports.packs.conftest import SUNDAY, Built, acme, said

FORMULA = '=HYPERLINK("http://evil.example";"klik")'
TYPST = "#panic[no] $x$ *vet* _schuin_ @label <label> \\ `raw` // weg"
WRITERS = (pdf, excel, mail)


def message(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def body(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def document(built: Built) -> Document:
    return built(acme(), beside=Beside(comments=(said("Personeel", "risk"),)))


@pytest.mark.parametrize("writer", WRITERS)
def test_the_same_document_gives_the_same_bytes(built: Built, writer: object) -> None:
    assert callable(writer)
    assert writer(built(acme())) == writer(built(acme()))


def test_a_pdf_is_tagged_titled_and_dated_as_known(document: Document) -> None:
    content = pdf(document)
    assert content.startswith(b"%PDF-")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"2026-11-23T08:00:00+00:00" in content
    assert "Acme · Weekrapport".encode() in content


def test_a_pdf_is_dated_by_the_second(built: Built) -> None:
    known_at = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
    assert b"2026-11-23T08:00:00+00:00" in pdf(built(acme(), known_at=known_at))


def test_texts_are_no_markup_of_the_pdf(built: Built) -> None:
    company = acme(
        {"kind": "scorecard", "title": {"nl": TYPST}},
        {"kind": "manual", "id": "risk", "title": {"nl": TYPST}, "what": {"nl": TYPST}, "filled_by": "bob"},
        kpis=(
            kpi("conversie", name={"nl": TYPST, "en": "x"}),
            kpi("omzet", name={"nl": "שיעור المعدل", "en": "x"}, unit="EUR"),
            kpi("wachtrij", name={"nl": "中文 😀 " + "Ω" * 200, "en": "x"}, unit="count"),
        ),
        name=TYPST,
    )
    assert pdf(built(company, beside=Beside(comments=(said(TYPST, "risk"),)))).startswith(b"%PDF-")


def test_the_workbook_has_a_row_a_kpi_with_its_exact_value_and_n(document: Document) -> None:
    book = load_workbook(BytesIO(excel(document)))
    assert book.sheetnames == ["Overzicht", "Scorecard", "Betekenis van de KPI's", "Herkomst van de cijfers"]
    head, *rows = [[cell.value for cell in row] for row in book["Scorecard"].iter_rows()]
    assert head[:5] == ["Onderdeel", "KPI", "Eigenaar", "Doel", "Waarde"]
    assert head[12:16] == ["Hoofdrisico", "Hoofdactie", "Eigenaar actie", "Termijn"]
    first = dict(zip(head, rows[0], strict=True))
    assert (first["KPI"], first["Doel"], first["Waarde"]) == ("Conversie", "≥ 32%", "23,9%")
    assert (first["Exact"], first["n"], first["KPI-id"]) == (23.9, 1000, "conversie")
    assert first["Dag"].date() == SUNDAY
    assert len(rows) == 9


def test_no_text_becomes_a_formula(built: Built) -> None:
    company = acme({"kind": "scorecard"}, kpis=(kpi("conversie", name={"nl": FORMULA, "en": "x"}, origin="+1"),))
    document = built(company, beside=Beside(comments=(said("@SUM(1)\x07", "", kpi="conversie"),)))
    book = load_workbook(BytesIO(excel(document)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert book["Scorecard"]["B2"].value == FORMULA


def test_a_sheet_may_not_be_called_anything(built: Built) -> None:
    long = "Een: heel/lange [naam]?* " * 20
    document = built(acme({"kind": "scorecard", "title": {"nl": long}}, name=long, report={"name": {"nl": long}}))
    assert load_workbook(BytesIO(excel(document))).sheetnames[1] == "Scorecard"


def test_the_workbook_says_nothing_of_when_it_was_written(document: Document) -> None:
    with ZipFile(BytesIO(excel(document))) as found:
        assert {entry.date_time for entry in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert found.read("docProps/core.xml").count(b"2026-11-23T08:00:00Z") == 2


def test_a_mail_has_text_and_html_of_equal_content_and_its_pictures(document: Document) -> None:
    found = message(mail(document))
    html, text = body(found, "html"), body(found, "plain")
    bare = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for words in ("23,9%", "239 / 1.000", "Personeel", "geen termijn afgesproken", "2 van 7 keer gemist"):
        assert words in text
        assert words in bare
    called = set(re.findall(r'src="cid:([^"]+)"', html))
    pictures = [part for part in found.walk() if part.get_content_type() == "image/png"]
    assert called == {str(part["Content-ID"]).strip("<>") for part in pictures}
    assert len(called) >= 6
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures)
    assert re.findall(r'<img [^>]*alt=""', html) == []
    for written in (html, text):
        assert "acme/report/weekly/2026-W47.html" in written
    assert not [part for part in found.iter_attachments() if part.get_filename()]
    assert str(found["Subject"]).startswith("Acme · Weekrapport · Week 47 van 2026")


def test_a_mail_takes_no_name_for_a_header_or_a_tag(built: Built) -> None:
    evil = "<script>x</script>\r\nBcc: all@evil.example"
    document = built(acme(name=evil, report={"name": {"nl": evil}}), beside=Beside(comments=(said(evil, "risk"),)))
    found = message(mail(document))
    assert found["Bcc"] is None
    assert "<script>" not in body(found, "html")


MANY = tuple(kpi(f"kpi_{number}", name={"nl": f"KPI {number} " + "x" * 60, "en": "x"}) for number in range(300))


def test_a_long_report_is_cut_at_whole_sections_and_says_which(built: Built) -> None:
    made = mail(built(acme({"kind": "scorecard"}, {"kind": "deviations"}, kpis=MANY)))
    assert len(made) <= 100_000
    assert "Alleen daar: Scorecard" in body(message(made), "html")


def test_charts_that_do_not_fit_are_told_in_words(built: Built) -> None:
    document = built(acme({"kind": "scorecard"}, *[{"kind": "process", "kpis": ["conversie"]}] * 20))
    made = mail(document)
    html = body(message(made), "html")
    drawn, told = html.count(f'width="{WIDTH}"'), html.count("<p>Conversie")
    assert len(made) <= 100_000
    assert drawn > 2
    assert told > 2
    assert drawn + told == 20
