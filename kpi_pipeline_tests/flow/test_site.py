"""A company's site as a whole: every number is the one history holds, every link leads somewhere, nothing is markup."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.flow.site import write_site, write_sites
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, changed
from kpi_pipeline_tests.histories import new_history
from kpi_pipeline_tests.reports.read_back import Page, read

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
YESTERDAY = date(2026, 11, 21)
LONG = "Zonderspaties" * 16
ODD = "<script>alert('x')</script> & שיעור המרה"
SHARE = changed(changed(KPI, "- id: leads", "- id: share"), "unit: count", "unit: percent\n  group: Sales")
LOW = changed(changed(KPI, "- id: leads", "- id: low"), "nl: Leads", f'nl: "{ODD}"').replace(
    '  target: ">= 50"\n  warning: "< 40"\n  critical: "< 30"\n', ""
)
BOARDS = f"""\
dashboards:
  - id: sales
    name: {{nl: "{LONG}"}}
    audience: "{ODD}"
    cadence: weekly
    origin: the sales board
    panels:
      - {{kind: tiles, kpis: [leads, share, low]}}
      - {{kind: trend, kpis: [leads], by: week, count: 4, title: {{nl: "{ODD}"}}}}
      - {{kind: columns, kpis: [leads], count: 2}}
      - {{kind: scores, group: Sales}}
      - {{kind: process, kpi: leads}}
      - {{kind: manual, filled_by: ann, what: {{nl: "{ODD}"}}}}
"""
Open = Callable[..., Workspace]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    spaces: list[Workspace] = []
    new_history(tmp_path / "home" / "history.db")

    def write_and_open(kpis: str = KPI + SHARE + LOW, boards: str = BOARDS, *, now: datetime = NOW) -> Workspace:
        folder = tmp_path / "companies" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("company", COMPANY), ("kpis", kpis), ("dashboards", boards)):
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        values = {"KPI_COMPANIES": str(tmp_path / "companies"), "KPI_HOME": str(tmp_path / "home")}
        spaces.append(Workspace(Settings.from_environment(values), now=now))
        return spaces[-1]

    yield write_and_open
    for each in spaces:
        each.close()


def record(space: Workspace, kpi: str, day: date, value: str | None, *, known: datetime | None = None) -> None:
    end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    empty: dict[str, Any] = dict.fromkeys(("text_value", "reason", "target", "warning", "critical"))
    observation = Observation(
        company="acme",
        kpi=kpi,
        day=day,
        segment="",
        value=None if value is None else Decimal(value),
        numerator=None,
        denominator=None,
        n=7,
        status="ok" if value is not None else "no_data",
        period_start=end - timedelta(days=30),
        period_end=end,
        closed=True,
        provisional=False,
        definition_version=1,
        definition_hash="d",
        input_hash="i",
        **empty,
    )
    at = end + timedelta(hours=6) if known is None else known
    space.history.record([observation], run_id="r", now=at)


@pytest.fixture
def space(opened: Open) -> Workspace:
    """Sixteen points of a rolling window, some days between them, and a day that was restated."""
    found = opened()
    for back in range(16):
        record(found, "leads", YESTERDAY - timedelta(days=30 * back), str(40 + back))
    for back in range(1, 40):
        record(found, "leads", YESTERDAY - timedelta(days=back), str(Decimal(80) + Decimal(back) / 7))
    record(found, "share", YESTERDAY, "12.345678")
    record(found, "low", YESTERDAY, None)
    record(found, "leads", YESTERDAY - timedelta(days=3), "99", known=NOW - timedelta(hours=1))
    return found


def pages(paths: list[Path]) -> dict[Path, Page]:
    return {path: read(path.read_text(encoding="utf-8")) for path in paths}


def test_every_number_of_every_page_is_the_one_history_holds(space: Workspace) -> None:
    company = space.company("acme")
    checked = 0
    for path, page in pages(write_site(space, company)).items():
        for number in page.numbers:
            kpi = company.kpis[number.of["kpi"]]
            held = space.history.value("acme", kpi.id, date.fromisoformat(number.of["day"]), known_at=NOW)
            value = None if held is None else held.value
            assert number.value == ("" if value is None else format(value, "f")), path
            assert number.text == kpi_text(kpi, value, "nl"), path
            checked += value is not None
    assert checked > 50


def test_every_link_leads_to_a_page_of_the_site(space: Workspace) -> None:
    written = write_site(space, space.company("acme"))
    assert written[0].name == "index.html"
    assert len({path.resolve() for path in written}) == len(written) == 4 + 3 + 1
    reached = set()
    for path, page in pages(written).items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = (path.parent / file).resolve() if file else path.resolve()
            reached.add(target)
            assert target.is_file(), f"{path.name}: {link}"
            assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), f"{path.name}: {link}"
    assert reached == {path.resolve() for path in written}


def test_names_are_never_markup_and_pages_ask_nothing_of_anybody(space: Workspace) -> None:
    for path in write_site(space, space.company("acme")):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert not any(word in text for word in ("http:", "https:", "url(", "@import", " src=", "javascript:")), path
        assert len(text.encode()) < 1_000_000
        scripts = [tag for tag, _ in read(text).tags if tag == "script"]
        assert len(scripts) == (path.name == "kpis.html")


def test_a_site_as_it_was_known_then_says_what_was_known_then(space: Workspace, tmp_path: Path) -> None:
    company, then = space.company("acme"), NOW - timedelta(hours=2)
    written = write_site(space, company, to=tmp_path / "then", known_at=then)
    day = (YESTERDAY - timedelta(days=3)).isoformat()
    said = {
        number.text
        for path, page in pages(written).items()
        for number in page.numbers
        if (number.of["kpi"], number.of["day"]) == ("leads", day)
    }
    assert said == {"80"}
    assert all(path.is_relative_to(tmp_path / "then") for path in written)
    now = pages(write_site(space, company))
    kpi = next(page for path, page in now.items() if path.name == "leads.html")
    assert "Herzien" in kpi.text
    assert {number.text for number in kpi.numbers if number.of["day"] == day} == {"99"}


def test_the_same_history_makes_the_same_bytes(space: Workspace, tmp_path: Path) -> None:
    first = write_site(space, space.company("acme"), to=tmp_path / "one")
    second = write_site(space, space.company("acme"), to=tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_company_with_one_kpi_and_no_history_has_a_site(opened: Open) -> None:
    written = write_site(opened(KPI, ""), opened(KPI, "").company("acme"))
    found = {path.name: page for path, page in pages(written).items()}
    assert set(found) == {"index.html", "kpis.html", "dashboards.html", "reports.html", "leads.html"}
    assert "geen gegevens: 1" in found["index.html"].text
    assert "Het raamwerk noemt geen dashboards." in found["dashboards.html"].text
    assert "Er is nog geen rapport gearchiveerd." in found["reports.html"].text


def test_a_folder_that_cannot_be_written_is_named(space: Workspace, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match=r"writing the report \w+\.html"):
        write_site(space, space.company("acme"), to=tmp_path / "taken")


def test_companies_are_written_side_by_side(space: Workspace, tmp_path: Path) -> None:
    other = space.settings.companies_root / "other"
    other.mkdir()
    (other / "company.yaml").write_text(changed(COMPANY, "id: acme", "id: other"), encoding="utf-8")
    (other / "kpis.yaml").write_text(KPI, encoding="utf-8")
    written = write_sites(space.settings, ["acme", "other"], now=NOW, processes=2, to=tmp_path / "out")
    assert {name: len(paths) for name, paths in written.items()} == {"acme": 8, "other": 5}
    assert (tmp_path / "out" / "other" / "index.html").is_file()


def test_three_hundred_kpis_have_a_page_each_and_one_list_that_stays_small(opened: Open, tmp_path: Path) -> None:
    many = "".join(changed(KPI, "- id: leads", f"- id: leads_{number}") for number in range(300))
    written = write_site(opened(many, ""), opened(many, "").company("acme"), to=tmp_path / "many")
    found = {path.name: path for path in written}
    assert len(found) == 300 + 4
    listed = read(found["kpis.html"].read_text(encoding="utf-8"))
    assert sum("data-find" in attrs for _, attrs in listed.tags) == 300
    overview = read(found["index.html"].read_text(encoding="utf-8"))
    assert "geen gegevens: 300" in overview.text
    assert "En nog 295: zie alle KPI's." in overview.text
    assert sum(path.stat().st_size for path in written) < 12_000_000


def test_two_builds_at_once_leave_whole_pages(space: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "twice"
    once = {path.name: path.read_bytes() for path in write_site(space, space.company("acme"), to=tmp_path / "once")}
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(write_sites, space.settings, ["acme"], now=NOW, processes=1, to=folder) for _ in range(2)]
        for each in both:
            each.result()
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name: path.read_bytes() for path in left} == once


def test_a_folder_that_may_not_be_written_keeps_what_it_had(space: Workspace, tmp_path: Path) -> None:
    root = tmp_path / "kept"
    before = [path.read_bytes() for path in write_site(space, space.company("acme"), to=root)]
    record(space, "leads", YESTERDAY, "1", known=NOW - timedelta(minutes=1))
    shutil.rmtree(root / "dashboard")
    (root / "dashboard").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match=r"writing the report sales\.html"):
        write_site(space, space.company("acme"), to=root)
    assert (root / "index.html").read_bytes() == before[0], "the overview is written last"
