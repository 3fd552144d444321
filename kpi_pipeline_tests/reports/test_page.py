"""The scorecard as a page: complete on its own, safe whatever the names are, and equal to the golden file."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts import sparkline
from kpi_pipeline.reports.freshness import SourceFreshness
from kpi_pipeline.reports.render import html, write
from kpi_pipeline.reports.scorecard import build
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi

GOLDEN = Path(__file__).parents[1] / "golden" / "scorecard.html"
VOID = {"meta", "line", "polyline", "circle", "br"}


class Outline(HTMLParser):
    """Tags that are closed in order, their attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def page(company: Company, store: HistoryStore, filled: None, freshness: list[SourceFreshness]) -> str:
    return html(build(company, store, now=NOW, freshness=freshness))


def test_the_page_is_the_golden_one(page: str) -> None:
    """But for its style, which all pages share: a browser judges that."""
    bare = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(bare, encoding="utf-8")
    assert bare == GOLDEN.read_text(encoding="utf-8"), "KPI_UPDATE_GOLDEN=1 rewrites it; look at the difference first"


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    outline = Outline(page)
    assert outline.tags[0] == ("html", {"lang": "nl"})
    assert not {tag for tag, _ in outline.tags} & {"script", "link", "img", "iframe", "object", "form"}
    attributes = {name for _, attrs in outline.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on") or name in ("src", "style")}
    linked = {attrs["href"] for _, attrs in outline.tags if "href" in attrs}
    assert linked == {f"kpi/{name}.html" for name in ("conversie", "conversie_cohort", "omzet", "bezoek", "runway")}
    assert re.findall(r"https?://", page) == []
    assert re.findall(r"url\(|@import", page) == []
    assert len(page.encode()) < 1_000_000


def test_headings_and_header_cells_are_in_order(page: str) -> None:
    tags = Outline(page).tags
    assert [tag for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)] == ["h1", "h2", "h2", "h2", "h2"]
    assert {attrs.get("scope") for tag, attrs in tags if tag == "th"} == {"row", "col"}
    assert all(attrs.get("aria-label") and attrs.get("role") == "img" for tag, attrs in tags if tag == "svg")


def test_the_running_week_is_marked_until_it_is_over(company: Company, store: HistoryStore, page: str) -> None:
    running = "voorlopig: deze week loopt nog"
    assert running in Outline(page).text
    assert running not in html(build(company, store, now=NOW, week_of=YESTERDAY.replace(day=11)))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_status_is_said_by_word_and_glyph(store: HistoryStore, put: Put, language: str) -> None:
    for status in STATUS:
        put(f"kpi_{status}", YESTERDAY, "30", status, numerator=Decimal(3), denominator=Decimal(10), n=10)
    company = company_of(*(kpi(f"kpi_{status}") for status in STATUS), language=language)
    outline = Outline(html(build(company, store, now=NOW)))
    for status, words in STATUS.items():
        shown = f"{words['glyph']} {words[language]}"
        assert outline.text.count(shown) >= 2, f"{status}: in the counts and in its row"
        assert f"{shown}: 1" in outline.text
    assert outline.text.count("3 / 10; n = 10") >= len(STATUS)
    assert outline.tags[0] == ("html", {"lang": language})


def test_sources_are_listed_with_their_age(page: str) -> None:
    text = Outline(page).text
    assert "stripe 22 nov 2026 06:00 22 nov 2026 08:00 ✓ vers Bob" in text
    assert "hubspot 21 nov 2026 08:00 22 nov 2026 08:30 ◔ verouderd Ann" in text
    assert "typeform – – ◔ verouderd Piket" in text


def test_nothing_known_is_not_called_fine(store: HistoryStore, put: Put) -> None:
    empty = Outline(html(build(company_of(kpi("conversie")), store, now=NOW))).text
    assert "○ geen gegevens: 1" in empty
    put("conversie", YESTERDAY, "30", "low_sample", n=2)
    unjudged = Outline(html(build(company_of(kpi("conversie")), store, now=NOW))).text
    assert "Geen enkele KPI is over een grens, maar niet alle zijn beoordeeld" in unjudged
    assert "Alle KPI's zijn op koers." not in empty + unjudged
    put("conversie", YESTERDAY, "40", "ok", known=NOW)
    assert "Alle KPI's zijn op koers." in Outline(html(build(company_of(kpi("conversie")), store, now=NOW))).text


HOSTILE = "<script>alert('x')</script>\"'&{{ 7*7 }}\u202eevil\u202c שלום"


@pytest.mark.parametrize("where", ["kpi", "person", "company", "reading"])
def test_a_hostile_name_is_only_text(store: HistoryStore, filled: None, where: str) -> None:
    one: dict[str, Any] = kpi("conversie")
    whole: dict[str, Any] = {}
    if where == "kpi":
        one["name"] = {"nl": HOSTILE}
    elif where == "person":
        whole["people"] = {"ann": {"name": HOSTILE, "role": "Sales"}, "bob": {"name": "Bob", "role": "Finance"}}
    elif where == "company":
        whole["name"] = HOSTILE
    else:
        one["reading"] = HOSTILE
    page = html(build(company_of(one, **whole), store, now=NOW))
    outline = Outline(page)
    assert "script" not in {tag for tag, _ in outline.tags}
    assert "".join(outline.words).count(HOSTILE) >= 1
    assert page.count("<bdi") == page.count("</bdi>")
    # Text that turns the direction must not leak into its neighbours: each of them is isolated.
    visible = page.split("</title>")[1]
    turned = [found.start() for found in re.finditer("\u202e", visible)]
    labels = [found.span() for found in re.finditer(r'aria-label="[^"]*"', visible)]
    for place in turned:
        inside_label = any(start < place < end for start, end in labels)
        assert inside_label or visible.rfind("<bdi", 0, place) > visible.rfind("</bdi>", 0, place)


def test_names_of_two_hundred_characters_stay_whole(store: HistoryStore, filled: None) -> None:
    name = "Conversie" * 23
    page = html(build(company_of(kpi("conversie", name={"nl": name})), store, now=NOW))
    assert Outline(page).text.count(name) >= 2


def test_five_hundred_kpis_still_make_a_small_page(company: Company, store: HistoryStore, filled: None) -> None:
    card = build(company, store, now=NOW)
    assert "<polyline" in card.rows[0].spark
    assert len(html(replace(card, rows=card.rows[:1] * 500)).encode()) < 1_000_000


@pytest.mark.parametrize(
    ("values", "target", "lines", "points"),
    [
        ([1, 2, 3], 2, 1, 0),
        ([1, None, 3], 2, 0, 2),
        ([1, 2, None, 4], None, 1, 1),
        ([5, 5], 5, 1, 0),
        ([7], None, 0, 1),
    ],
)
def test_a_sparkline_stays_inside_its_frame(
    values: list[int | None], target: int | None, lines: int, points: int
) -> None:
    svg = sparkline(
        [None if each is None else Decimal(each) for each in values],
        None if target is None else Decimal(target),
        'a"<b',
    )
    assert (svg.count("<polyline"), svg.count('r="1.2"')) == (lines, points)
    assert svg.count("<line") == (target is not None)
    assert svg.count('r="2.4"') == 1
    assert 'aria-label="a&quot;&lt;b"' in svg
    drawn = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+),([\d.]+)", svg)]
    drawn += [tuple(map(float, pair)) for pair in re.findall(r'cx="(.+?)" cy="(.+?)"', svg)]
    assert all(3 <= x <= 129 and 3 <= y <= 29 for x, y in drawn)
    assert sparkline([None, None], Decimal(1), "x") == ""


def test_higher_values_are_drawn_higher() -> None:
    svg = sparkline([Decimal(1), Decimal(9)], Decimal(5), "x")
    (_, first), (_, second) = re.findall(r"([\d.]+),([\d.]+)", svg)
    assert (float(first), float(second)) == (29.0, 3.0)
    assert 'y1="16.0"' in svg


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "acme" / "page.html"
    assert write("één", path) == path
    assert write("twee", path).read_text(encoding="utf-8") == "twee"
    assert [each.name for each in path.parent.iterdir()] == ["page.html"]


def test_a_written_page_can_be_read_by_a_web_server(tmp_path: Path) -> None:
    path = write("page", tmp_path / "page.html")
    assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"writing the report page.html: .*/file: (Not a directory|File exists)"):
        write("page", tmp_path / "file" / "page.html")
    folder = tmp_path / "readonly"
    folder.mkdir()
    folder.chmod(0o500)
    if not os.access(folder, os.W_OK):
        with pytest.raises(StoreUnavailable, match="Permission denied"):
            write("page", folder / "page.html")


def test_a_page_that_cannot_take_its_place_leaves_no_rest(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(StoreUnavailable, match="Is a directory"):
        write("page", tmp_path / "page.html")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_at_36_messages_that_did_not_arrive_stand_in_the_footer(store: HistoryStore) -> None:
    company = company_of(kpi("conversion"))
    page = Outline(html(build(company, store, now=NOW, undelivered=3))).text
    assert "Berichten die niet zijn aangekomen: 3, kpi alerts dead acme" in page
    assert "niet zijn aangekomen" not in Outline(html(build(company, store, now=NOW))).text
