"""The sites that a refresh writes: read back as a reader gets them, every number is the one that history holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.panel_table import newest
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.tables import OLDEST
from kpi_pipeline_tests.e2e.installation import COMPANIES, COMPANY, NOW, Installation
from kpi_pipeline_tests.reports.read_back import Page, Said, as_kept, read

pytestmark = pytest.mark.xdist_group("e2e")

SITES = [pytest.param(each, marks=() if each == COMPANY else pytest.mark.slow) for each in COMPANIES]


def pages(workspace: Workspace, company: Company) -> dict[str, Page]:
    root = workspace.settings.reports_root / company.id
    kept = [path for path in root.rglob("*.html") if "archive" not in path.relative_to(root).parts]
    return {path.relative_to(root).as_posix(): read(path.read_text(encoding="utf-8")) for path in kept}


def as_held(reading: Reading, number: Said) -> tuple[str, str]:
    """What history says that a number of a KPI is: its text and exact value."""
    company = reading.company
    kpi = company.kpis[number.of["kpi"]]
    row = reading.row(kpi.id, date.fromisoformat(number.of["day"]))
    if row is None:
        return kpi_text(kpi, None, company.language), ""
    value = "" if row.value is None else format(row.value, "f")
    return kpi_text(kpi, row.value, company.language, reason=row.reason), value


@pytest.mark.parametrize("name", SITES)
def test_every_number_of_the_site_is_the_one_history_holds(request: pytest.FixtureRequest, name: str) -> None:
    installation: Installation = request.getfixturevalue("loaded" if name == COMPANY else "others")
    with installation.at(NOW, name) as (workspace, company):
        reading = Reading(company, workspace.history, known_at=NOW)
        found = pages(workspace, company)
        assert {f"kpi/{kpi}.html" for kpi in company.kpis} <= set(found)
        assert {f"dashboard/{board}.html" for board in company.dashboards.boards} <= set(found)
        checked, wrong = 0, []
        for place, page in found.items():
            for number in page.numbers:
                text = number.text.replace("\u00a0", " ")  # where a line may not end
                if "kpi" in number.of and (text, number.value) != as_held(reading, number):
                    wrong.append(f"{place}: {number}")
                if "row" in number.of and "column" in number.of:
                    day = date.fromisoformat(number.of["day"])
                    table = newest(workspace.history, name, number.of["table"], day, known_at=NOW, within=OLDEST)
                    kept = "no table" if table is None else as_kept(table.rows, number)
                    if number.value != kept:
                        wrong.append(f"{place}: {number} is {kept}")
                checked += 1
        assert wrong == []
        assert checked > 100 * len(company.dashboards.boards)


@pytest.mark.parametrize("name", SITES)
def test_every_table_and_link_of_the_site_is_there(request: pytest.FixtureRequest, name: str) -> None:
    installation: Installation = request.getfixturevalue("loaded" if name == COMPANY else "others")
    with installation.at(NOW, name) as (workspace, company):
        root = workspace.settings.reports_root / company.id
        for place, page in pages(workspace, company).items():
            assert not {"Not computed yet.", "Nog niet berekend."} & {each.strip() for each in page.words}, place
            for link in page.links:
                file = link.partition("#")[0]
                target: Path = (root / place).parent / file
                assert not file or target.is_file(), f"{place}: {link}"


@pytest.mark.parametrize("name", SITES)
def test_every_mail_and_page_of_a_report_has_the_size_that_is_allowed(
    request: pytest.FixtureRequest, name: str
) -> None:
    installation: Installation = request.getfixturevalue("loaded" if name == COMPANY else "others")
    with installation.at(NOW, name) as (workspace, company):
        root = workspace.settings.reports_root / company.id / "report"
        mailed = {each.id for each in company.reports.values() if "mail" in each.formats}
        mails = {path.parent.name: path.stat().st_size for path in root.rglob("*.eml")}
        assert mailed <= set(mails)
        assert {report: size for report, size in mails.items() if size > 100_000} == {}
        assert {path: path.stat().st_size for path in root.rglob("*.html") if path.stat().st_size >= 1_000_000} == {}
