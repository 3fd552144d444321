"""The list of archived reports on a site: a report of a period stands there once, with all its forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports import site
from kpi_pipeline.reports.navigation import INDEX, REPORTS
from kpi_pipeline.reports.panels import Context
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline_tests.reports.conftest import NOW
from kpi_pipeline_tests.reports.packs.conftest import acme
from kpi_pipeline_tests.reports.read_back import read


def entry(number: int, period: str, form: str, known_at: datetime) -> Entry:
    file = f"acme/archive/<b>board/{period}.{number}.{form}"
    digest = f"{number:02d}" * 32
    return Entry("acme", number, "<b>board", period, form, known_at, file, "", digest, 9, digest, 9, "d", "s", known_at)


def test_a_period_is_called_as_the_report_calls_it(store: HistoryStore) -> None:
    company = acme({"kind": "scorecard"})
    reading = Reading(company, store, known_at=NOW)
    now, once = (replace(entry(1, name, "html", NOW), report="weekly") for name in ("2026-W47", "2026-11"))
    page = read(site.pages(Context(reading, Tables(reading), "kpi/"), [now, once])[REPORTS])
    assert "Weekrapport Week 47 van 2026, 16 t/m 22 november 2026" in page.text
    assert "Weekrapport 2026-11 " in page.text  # archived before the report became a weekly one


def test_a_report_stands_once_with_its_forms_and_the_newest_comes_first(store: HistoryStore, company: Company) -> None:
    reading = Reading(company, store, known_at=NOW)
    before = NOW - timedelta(days=7)
    entries = [
        entry(1, "2026-W46", "html", before),
        entry(2, "2026-W47", "pdf", NOW),
        entry(3, "2026-W47", "html", NOW),
        entry(4, "2026-W46", "html", NOW),  # the same week again, from what is known now
    ]
    pages = site.pages(Context(reading, Tables(reading), "kpi/"), entries)
    for name in (INDEX, REPORTS):
        page = read(pages[name])
        files = [link for link in page.links if link.startswith("archive/")]
        assert files == [
            "archive/<b>board/2026-W46.4.html",
            "archive/<b>board/2026-W47.3.html",
            "archive/<b>board/2026-W47.2.pdf",
            "archive/<b>board/2026-W46.1.html",
        ]
        assert "<b>board 2026-W47 22 nov 2026 09:00 webpagina 030303030303 PDF 020202020202" in page.text
