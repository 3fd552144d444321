"""The scorecard in a real browser: nothing sticks out, nothing is fetched, everything can be read in both schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.dashboards import PANELS, Dashboard
from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.catalogue.model import Parameters
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.panel_table import PanelTable, save
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports import dashboard, definition, site
from kpi_pipeline.reports.definition import Page, Query, Source
from kpi_pipeline.reports.freshness import SourceFreshness
from kpi_pipeline.reports.held import Beside, Held, Undelivered
from kpi_pipeline.reports.kpi_page import Evidence, Told, numbers_of
from kpi_pipeline.reports.navigation import INDEX, KPIS, REPORTS, nav
from kpi_pipeline.reports.panels import Context
from kpi_pipeline.reports.panels.beneath import VIEWS
from kpi_pipeline.reports.reading import Reading, month_ends
from kpi_pipeline.reports.render import html, write
from kpi_pipeline.reports.scorecard import build
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi
from kpi_pipeline_tests.reports.in_browser import look_at, opened
from kpi_pipeline_tests.reports.table_rows import LONG, ROWS, declared


class Expression(Parameters):
    def references(self) -> tuple[str, ...]:
        return ("bezoek",)


pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.fixture
def page_file(tmp_path: Path, store: HistoryStore, put: Put, filled: None, freshness: list[SourceFreshness]) -> Path:
    """A page with everything on it: each status, a trend, a name without spaces, one from right to left."""
    for status in STATUS:
        put(
            f"kpi_{status}",
            YESTERDAY,
            "30",
            status,
            numerator=Decimal(3703704),
            denominator=Decimal(12345680),
            n=12345680,
        )
    statuses = [kpi(f"kpi_{status}") for status in STATUS]
    statuses[0]["name"] = {"nl": "Zonderspaties" * 15}
    statuses[1]["name"] = {"nl": "שיעור המרה " * 5}
    companion = kpi("conversie_cohort", companion_of="conversie", target=None, warning=None, critical=None)
    company = company_of(kpi("conversie"), companion, *statuses)
    return write(html(build(company, store, now=NOW, freshness=freshness)), tmp_path / "page.html")


@pytest.fixture
def definition_file(tmp_path: Path, store: HistoryStore, put: Put) -> Path:
    """The page of a KPI with everything on it, and words that do not break."""
    for back, value in enumerate([90, *[30, 32] * 7]):
        put("conversie", YESTERDAY - timedelta(days=30 * back), str(value), "ok")
    approval = [{"by": "ann", "on": date(2026, 5, 1)}, {"by": "bob", "on": date(2026, 5, 2)}]
    path = [
        {"is": f">= {30 + month}", "since": date(2026, month, 1), "approved_by": approval} for month in range(6, 12)
    ]
    main = kpi(
        "conversie",
        name={"nl": "Zonderspaties" * 12, "en": "Conversion"},
        kind="formula",
        params=Expression(),
        target=[{"is": ">= 32"}, *path],
        warning=None,
        critical=None,
        reading="So",
        contradiction=["3 + 3 are 6, printed 7"],
        target_follows="12 * bezoek",
        min_n=20,
        group="Sales",
    )
    company = company_of(main, kpi("bezoek"), kpi("cohort", companion_of="conversie"))
    streams = [f"hubspot/{name}" for name in ("contacts", "deals", "engagements_of_every_kind_and_length" * 2)]
    page = Page(
        company=company,
        kpi=company.kpis["conversie"],
        today=YESTERDAY,
        meaning=lambda each: f"Wat {each.id} telt, per dag",
        sources=[Source("lead", "leads", ["lead_id", "qualified_at"] * 4, streams), Source("deal", "deals", [], [])],
        declared="- id: conversie\n" + "  where: " + "a_long_condition and " * 20,
    )
    query = Query("SELECT " + "a_column, " * 60, YESTERDAY)
    reading = Reading(company, store, known_at=NOW)
    beside = Evidence(told=[Told(NOW, YESTERDAY, "critical")])
    numbers = numbers_of(reading, company.kpis["conversie"], beside)
    text = definition.html(page, query, numbers=numbers, nav=nav(company, at=KPIS, depth=1)).replace(
        "<details>", "<details open>"
    )
    return write(text, tmp_path / "definition.html")


@pytest.fixture
def dashboard_file(tmp_path: Path, store: HistoryStore, put: Put) -> Path:
    """A dashboard with a panel of every kind, and every view of every table."""
    for back, value in enumerate([90, *[30, 32] * 7]):
        put("conversie", YESTERDAY - timedelta(days=30 * back), str(value), "ok", n=12)
    for day in month_ends(YESTERDAY, 12):
        for name, value in (("bezoek", "4000"), ("leads", "300"), ("omzet", "1200"), ("nieuw", "250")):
            put(name, day, value, "ok")
    count = {"window": "calendar month", "kind": "count", "unit": "count"}
    for name, rows in ROWS.items():
        save(store, PanelTable("acme", name, YESTERDAY, rows, "d", "i", "r", NOW - timedelta(hours=1)))
    company = company_of(
        kpi("conversie", name={"nl": "Zonderspaties" * 12}, group="Verkoop"),
        kpi("bezoek", **count),
        kpi("leads", **count),
        kpi("omzet", unit="EUR", window="at day end"),
        kpi("nieuw", unit="EUR", window="calendar month", name={"nl": "שיעור המרה " * 5}),
        dashboards=declared(),
    )
    title = {"nl": "Een titel " * 12}
    panels: list[dict[str, Any]] = [
        {"kind": "tiles", "kpis": ["conversie", "bezoek", "omzet", "nieuw"]},
        {"kind": "scores", "group": "Verkoop", "title": title},
        {"kind": "trend", "kpis": ["bezoek", "leads"], "title": title},
        {"kind": "columns", "kpis": ["nieuw"]},
        {"kind": "funnel", "kpis": ["bezoek", "leads"], "title": title},
        {"kind": "bridge", "level": "omzet", "movements": ["nieuw"]},
        {"kind": "process", "kpi": "conversie"},
        {"kind": "manual", "filled_by": "ann", "what": title},
        {"kind": "model", "what": title},
        *({"kind": "data", "data": name, "view": view, "title": title} for name, view in VIEWS),
    ]
    read = tuple(PANELS[each["kind"]].model_validate(each) for each in panels)
    board = Dashboard(id="all", name=title, audience="Ann", cadence="weekly", origin="alles", panels=read)
    reading = Reading(company, store, known_at=NOW)
    text = dashboard.html(board, Context(reading, Tables(reading)))
    return write(text.replace("<details>", "<details open>"), tmp_path / "dashboard.html")


@pytest.fixture
def kpis_file(tmp_path: Path, store: HistoryStore, filled: None, company: Company) -> Path:
    """The list of all KPIs with its search."""
    reading = Reading(company, store, known_at=NOW)
    return write(site.pages(Context(reading, Tables(reading), "kpi/"), [])[KPIS], tmp_path / "kpis.html")


@pytest.fixture
def top(store: HistoryStore, filled: None, company: Company) -> Mapping[str, str]:
    """The overview and the lists, with something held back, something that did not arrive, and an archived report."""
    reading = Reading(company, store, known_at=NOW)
    error = "https://hooks.example/" + "a" * 120
    brief = "⊘ gedempt tot 23 nov 2026 09:00"
    beside = Beside(
        held={"conversie": [Held(brief, f"{brief} door ann: {LONG}")]},
        undelivered=[Undelivered("21 nov 2026 09:00", "slack", f"{LONG}, שיעור המרה", error, "mail: sent")],
    )
    file = "acme/archive/weekly/2026-W47.html"
    report = Entry("acme", 1, "weekly", "2026-W47", "html", NOW, file, "", "ab" * 32, 9, "cd" * 32, 9, "d", "s", NOW)
    return site.pages(Context(reading, Tables(reading), "kpi/", beside), [report])


@pytest.fixture
def index_file(tmp_path: Path, top: Mapping[str, str]) -> Path:
    return write(top[INDEX], tmp_path / INDEX)


@pytest.fixture
def reports_file(tmp_path: Path, top: Mapping[str, str]) -> Path:
    return write(top[REPORTS], tmp_path / REPORTS)


@pytest.mark.parametrize(
    "which", ["page_file", "definition_file", "dashboard_file", "kpis_file", "index_file", "reports_file"]
)
def test_the_page_fits_loads_and_can_be_read(browser: Any, request: pytest.FixtureRequest, which: str) -> None:
    page_file: Path = request.getfixturevalue(which)
    look_at(browser, page_file)


def test_what_no_key_leads_to_is_seen(browser: Any, index_file: Path) -> None:
    markup = index_file.read_text(encoding="utf-8")
    index_file.write_text(markup.replace("</main>", '<span onclick="open()">Meer</span></main>'), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"no key leads to .*onclick"):
        look_at(browser, index_file)


def test_a_text_that_sticks_out_of_its_box_is_seen(browser: Any, index_file: Path) -> None:
    markup = index_file.read_text(encoding="utf-8")
    narrow = '<p style="width: 2rem; white-space: nowrap">Te lang voor zijn vak</p>'
    index_file.write_text(markup.replace("</main>", f"{narrow}</main>"), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"texts stick out of their boxes at 1440 px: \['Te lang voor zijn vak'\]"):
        look_at(browser, index_file)


def test_everything_can_be_reached_by_keyboard(browser: Any, definition_file: Path) -> None:
    page = browser.new_page()
    try:
        page.goto(definition_file.as_uri())
        count = page.evaluate("document.querySelectorAll('a[href], summary, input, [tabindex=\"0\"]').length")
        reached = set()
        for _ in range(count):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
        assert any('class="skip"' in each for each in reached)
        assert any(each.startswith("<summary>") for each in reached)
        page.keyboard.press("Home")
        page.reload()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
    finally:
        page.close()


def test_the_list_of_kpis_can_be_searched(browser: Any, kpis_file: Path) -> None:
    page = browser.new_page()
    try:
        page.goto(kpis_file.as_uri())
        shown = "[...document.querySelectorAll('[data-find]')].filter(each => each.offsetParent).length"
        assert page.evaluate(shown) == 5
        page.get_by_label("Zoek op naam, id of eigenaar").fill("conv COHORT")
        assert page.evaluate(shown) == 1
        assert page.locator("[role=status]").inner_text() == "1"
        page.get_by_label("Zoek op naam, id of eigenaar").fill("")
        assert page.evaluate(shown) == 5
    finally:
        page.close()


def test_a_narrow_page_keeps_what_a_wide_one_says(browser: Any, page_file: Path) -> None:
    shown = []
    for width in (390, 1440):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(page_file.as_uri())
        row = page.locator('tr[data-kpi="conversie"]')
        shown.append([words for words in ("23,9%", "≥ 32%", "■ kritiek", "239 / 1.000") if words in row.inner_text()])
        assert row.locator("svg").is_visible()
        context.close()
    assert shown == [["23,9%", "≥ 32%", "■ kritiek", "239 / 1.000"]] * 2
