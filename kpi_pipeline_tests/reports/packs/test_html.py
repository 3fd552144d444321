"""The page of a report, read back: its numbers are those of history, whatever names and texts hold."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import orjson

from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts import Number
from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline.reports.packs.html import html
from kpi_pipeline.reports.packs.json_twin import twin
from kpi_pipeline.reports.template import number, together
from kpi_pipeline_tests.reports.conftest import kpi
from kpi_pipeline_tests.reports.packs.conftest import NOW, SUNDAY, Built, acme, decision, observed, said

EVIL = "<script>alert(\"x\")</script>&\"' <b onclick='y'>"
HEBREW = "שיעור המרה"
LONG = "Ω" * 200
# Elements that have no end tag.
VOID = {"meta", "link", "br", "img", "col", "line", "path", "circle", "rect", "polyline", "input", "hr"}


class Page(HTMLParser):
    """Numbers, anchors, addresses and tags of a page; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.numbers: list[tuple[str, date, str]] = []
        self.anchors: list[str] = []
        self.leads_to: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "data" and found.get("data-kpi"):
            self.numbers.append(
                (str(found["data-kpi"]), date.fromisoformat(str(found["data-day"])), str(found["value"]))
            )
        if found.get("id"):
            self.anchors.append(str(found["id"]))
        for name in ("href", "src", "action"):
            if found.get(name):
                self.leads_to.append(str(found[name]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_number_on_the_page_is_the_one_of_history(built: Built, store: HistoryStore) -> None:
    page = Page(html(built(acme())))
    assert len(page.numbers) > 40
    for name, day, exact in page.numbers:
        row = store.value("acme", name, day, known_at=NOW)
        assert exact == ("" if row is None or row.value is None else format(row.value, "f")), (name, day)


def test_the_twin_has_the_same_numbers_as_the_page(built: Built, store: HistoryStore) -> None:
    document = built(acme())
    content = orjson.loads(twin(document))
    page = {(name, day.isoformat()) for name, day, _ in Page(html(document)).numbers}
    assert {(each["kpi"], each["day"]) for each in content["numbers"]} >= page
    for each in content["numbers"]:
        row = store.value("acme", each["kpi"], date.fromisoformat(each["day"]), known_at=NOW)
        assert (None if each["value"] is None else Decimal(each["value"])) == (None if row is None else row.value)
    assert content["period"] == {"name": "2026-W47", "first": "2026-11-16", "last": "2026-11-22"}
    assert [each["title"] for each in content["sections"]][:3] == ["Vraagt aandacht", "Open besluiten", "Scorecard"]


def test_links_lead_to_places_on_the_page_and_nowhere_else(built: Built) -> None:
    text = html(built(acme()))
    page = Page(text)
    assert {each.removeprefix("#") for each in page.leads_to} <= set(page.anchors)
    assert all(each.startswith("#") for each in page.leads_to)
    assert len(page.anchors) == len(set(page.anchors))
    assert not re.search(r"https?://|@import|url\((?!#)", text)
    assert not page.tags & {"script", "iframe", "object", "embed", "form"}


def test_a_page_is_the_same_whenever_it_is_made(built: Built) -> None:
    first = html(built(acme()))
    assert html(built(acme())) == first
    assert len(first.encode()) < 1_000_000


def evil() -> Beside:
    comments = (
        said(EVIL, "risk"),
        said(HEBREW, "risk", number=2),
        said(EVIL, "focus", kpi="conversie", cause=EVIL, number=3),
        said(EVIL, "", kpi="omzet", number=4),
        said(EVIL, "actions", kpi="omzet", owner="ann", due=date(2026, 12, 1), number=5),
    )
    taken = decision(
        id="d2", question=EVIL, decided_at=NOW - timedelta(days=3), decided_by=EVIL, decision=EVIL, outcome=EVIL
    )
    return Beside(comments=comments, decisions=(decision(question=EVIL), taken))


def test_names_and_texts_are_words_whatever_they_hold(built: Built) -> None:
    names = {"nl": EVIL, "en": "x"}
    company = acme(
        {"kind": "scorecard", "title": {"nl": EVIL}},
        {"kind": "process", "kpis": ["wachtrij"]},
        {"kind": "trend", "kpis": ["omzet"], "by": "week", "count": 4, "title": {"nl": EVIL}},
        {"kind": "manual", "id": "risk", "title": {"nl": EVIL}, "what": {"nl": EVIL}, "filled_by": "bob"},
        {"kind": "focus", "filled_by": "ann"},
        {"kind": "actions"},
        {"kind": "decisions"},
        kpis=(
            kpi("conversie", name=names, origin=EVIL),
            kpi("omzet", name={"nl": HEBREW, "en": "x"}, unit="EUR"),
            kpi("wachtrij", name={"nl": LONG, "en": "x"}, unit="count", window="calendar day"),
        ),
        name=EVIL,
        people={"ann": {"name": EVIL, "role": "Sales"}, "bob": {"name": HEBREW, "role": "Finance"}},
        report={"name": {"nl": EVIL, "en": "x"}},
    )
    text = html(built(company, beside=evil()))
    page = Page(text)
    assert not page.tags & {"script", "b"}
    assert "onclick='y'" not in text
    assert text.count("&lt;script&gt;") > 15
    for name in (HEBREW, LONG):
        assert f"<bdi>{name}</bdi>" in text


def test_three_hundred_kpis_are_one_page_below_a_megabyte(built: Built, store: HistoryStore) -> None:
    names = [f"kpi_{number}" for number in range(300)]
    days = [SUNDAY - timedelta(weeks=back) for back in range(26)]
    rows = [observed(name, day, Decimal(40), "ok") for name in names for day in days]
    store.record(rows, run_id="r2", now=NOW - timedelta(hours=1))
    text = html(built(acme({"kind": "scorecard"}, kpis=tuple(kpi(name) for name in names))))
    assert len(text.encode()) < 1_000_000
    assert {name for name, _, _ in Page(text).numbers} == set(names)


def test_line_ends_of_a_comment_stay(built: Built) -> None:
    document = built(acme(), beside=Beside(comments=(said("Eerst dit.\nDan dat.", "risk"),)))
    assert "<blockquote><bdi>Eerst dit.\nDan dat.</bdi>" in html(document)


def test_no_line_ends_between_a_sign_and_its_number() -> None:
    assert together("≥ US$ 2,000,000; critical < 8%; n = 3") == "≥ US$ 2,000,000; critical <\u00a08%; n\u00a0=\u00a03"
    assert ">US$\u00a02,000,000<" in number(Number("US$ 2,000,000", Decimal(2_000_000), ()))
