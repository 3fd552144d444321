"""Every kind of chart: the same bytes everywhere, safe whatever the names are, its numbers in its table."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.errors import UsageError
from kpi_pipeline.reports.charts import (
    NARROW,
    Bars,
    Bridge,
    Chart,
    HeatMap,
    Line,
    Link,
    Number,
    Part,
    Sankey,
    Series,
    figure,
    glyph,
    png,
    render,
    resolved,
    sparkline,
    vega,
)
from kpi_pipeline.reports.charts.svg import width_of
from kpi_pipeline.reports.palette import DARK, LIGHT, css
from kpi_pipeline_tests.reports.charts.conftest import CHARTS, HTML, RIGHT_TO_LEFT, decimals

ALL = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
DIGEST = """
import hashlib
from kpi_pipeline.reports.charts import render
from kpi_pipeline_tests.reports.charts.conftest import CHARTS
print(hashlib.sha256("".join(render(chart) for chart in CHARTS.values()).encode()).hexdigest())
"""


@ALL
@pytest.mark.parametrize("width", [NARROW, 560])
def test_a_drawing_is_sound_svg_in_our_colours_that_fetches_nothing(chart: Chart, width: int) -> None:
    svg = render(chart, width)
    root = ElementTree.fromstring(resolved(svg))
    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.summary()
    assert [each for each in root.iter() if each.get("role") or each.get("aria-label")] == [root]
    assert re.findall(r"https?:|<image|<script|<style|@import", svg) == []
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) <= {f"var(--{name})" for name in LIGHT} | {
        "none",
        "transparent",
    }


def test_drawings_are_the_same_in_every_process_zone_and_hash_seed() -> None:
    here = hashlib.sha256("".join(render(chart) for chart in CHARTS.values()).encode()).hexdigest()
    away = {**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LANG": "C"}
    found = subprocess.run([sys.executable, "-c", DIGEST], env=away, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == here


@ALL
def test_names_are_never_markup(chart: Chart) -> None:
    page = figure(chart, caption=HTML)
    assert "<b" not in re.sub(r"</?bdi>", "", page)
    assert "&lt;b onclick=" in page


def test_a_name_that_is_cut_in_the_drawing_stands_whole_in_the_table() -> None:
    long = "Zonder spaties " * 20
    bridge = CHARTS["bridge"]
    assert isinstance(bridge, Bridge)
    chart = Bridge(
        title="",
        language="nl",
        unit="EUR",
        opening=bridge.opening,
        movements=(),
        closing=Part(long, Decimal(1000)),
    )
    assert long not in re.sub(r"aria-label=\"[^\"]*\"", "", render(chart))
    assert chart.table().rows[1][0] == long


@pytest.mark.parametrize("name", ["line", "months", "bars", "stacked", "lying", "heat", "no values", "no rows"])
def test_what_vega_draws_follows_its_grammar(name: str) -> None:
    chart = CHARTS[name]
    assert isinstance(chart, Line | Bars | HeatMap)
    assert vega.spec(chart.plot(560), validate=True)["datasets"]


def test_data_by_address_are_refused() -> None:
    import altair

    fetched = altair.Chart("https://example.com/values.csv").mark_point()
    with pytest.raises(UsageError, match="its data are an address"):
        vega.to_svg(lambda: vega.Plot([fetched], (100, 100), {}), "nl", "")


def test_ids_differ_between_charts_and_widths_and_references_follow() -> None:
    svg = [render(CHARTS["line"], 560), render(CHARTS["line"], NARROW), render(CHARTS["months"], 560)]
    ids = [set(re.findall(r'\bid="([^"]+)"', each)) for each in svg]
    for each, found in zip(svg, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", each)) <= found
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_languages_differ_in_numbers_and_months() -> None:
    months = CHARTS["months"]
    assert isinstance(months, Line)
    assert "mei 2026" in render(replace(months, language="nl"))
    assert "May 2026" in render(months)
    millions = replace(months, language="nl", unit="EUR", series=(Series("", decimals(*[1e6, 2.5e6] * 6)),))
    assert "€ 2,5\u00a0mln." in render(millions)
    assert "hours" in render(replace(months, unit="hours"))


def test_png_is_on_paper_at_twice_the_size() -> None:
    drawn = png(CHARTS["funnel"])
    width, height = (int.from_bytes(drawn[at : at + 4]) for at in (16, 20))
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    assert width == 1120
    assert height > 100
    assert png(CHARTS["funnel"], theme="dark") != drawn


def test_an_unknown_colour_is_refused_rather_than_painted_black() -> None:
    with pytest.raises(UsageError, match="there is no colour 'pink'"):
        resolved('<svg><path fill="var(--pink)"/></svg>')


def test_both_themes_have_every_colour_and_are_told_to_css() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert css().count("--line:") == 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("step", range(6))
def test_numbers_in_a_heat_map_can_be_read(theme: dict[str, str], step: int) -> None:
    assert contrast(theme[f"heat-{step}"], theme[f"on-heat-{step}"]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_lines_stand_out_from_the_paper(theme: dict[str, str]) -> None:
    names = [name for name in theme if name.startswith("series") or name in ("gain", "loss", "improvement", "concern")]
    assert min(contrast(theme["paper"], theme[name]) for name in names) >= 3


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_line_says_its_numbers_with_their_days() -> None:
    table = CHARTS["line"].table()
    assert table.head == ("Dag", HTML, RIGHT_TO_LEFT, "Doel", "Laagst", "Hoogst")
    label, cells = table.rows[1]
    assert label == "8 mei 2026"
    assert cells[0] == Number("24,5%", Decimal("24.5"), (("kpi", "conversie"), ("day", "2026-05-08")))
    assert cells[2:] == ("32,0%", "24,5%", "26,5%")
    assert table.rows[2][1][0] == Number("–", None, (("kpi", "conversie"), ("day", "2026-05-15")))


def test_a_funnel_says_rates_of_the_step_before_and_none_of_what_is_not_known() -> None:
    rows = CHARTS["funnel"].table().rows
    assert [[cell if isinstance(cell, str) else cell.text for cell in cells] for _, cells in rows] == [
        ["200", "", ""],
        ["50", "25.0%", "25.0%"],
        ["–", "–", "–"],
    ]


def test_a_bridge_adds_up_or_says_by_how_much_it_does_not() -> None:
    bridge = CHARTS["bridge"]
    assert isinstance(bridge, Bridge)
    assert bridge.gap == 0
    assert bridge.table().rows[-1] == ("Controle: som − eindstand", ("€ 0,00", ""))
    short = Bridge(title="", language="en", unit="EUR", opening=bridge.opening, movements=(), closing=bridge.closing)
    assert short.gap == -180
    assert short.table().rows[-1][1][0] == "−€ 180"


def test_a_long_name_of_a_bridge_stands_on_two_lines_or_is_cut_on_the_second() -> None:
    name, longer = "MRR van klanten zonder omzet in juni 2025", "MRR van klanten zonder omzet in juni 2025 " * 3
    opening, closing = Part("Begin", Decimal(100)), Part("Eind", Decimal(300))
    moved = (Part(name, Decimal(100)), Part(longer.strip(), Decimal(100)))
    bridge = Bridge(title="", language="nl", unit="EUR", opening=opening, movements=moved, closing=closing)
    drawn = render(bridge)
    first, rest = re.findall(r">(MRR van klanten[^<]*)</text><text[^>]*>([^<]*)</text>", drawn)[0]
    assert f"{first} {rest}" == name
    assert drawn.count("…") == 1


def test_a_heat_map_leaves_empty_what_is_not_known_and_shades_by_size() -> None:
    heat = CHARTS["heat"]
    assert isinstance(heat, HeatMap)
    assert [heat.shade(Decimal(value)) for value in (0, 20, 80, 91)] == [0, 1, 5, 5]
    assert heat.table().rows[1][1][1] == ""
    assert render(heat).count("<text") == 3 + 2 + 2


def test_every_status_has_a_shape_of_its_own() -> None:
    shapes = {re.sub(r"var\(--[\w-]+\)", "", glyph(status)) for status in STATUS}
    assert len(shapes) == len(STATUS)
    assert 'aria-hidden="true"' in glyph("ok")
    assert 'aria-label="a&quot;b"' in glyph("ok", 'a"b')


def test_a_sparkline_stays_small() -> None:
    assert len(sparkline(decimals(*range(26)), Decimal(20), "")) < 900


def drawn(target: str | None, *values: float, unit: str = "count") -> str:
    days = tuple(date(2026, 1, 1) + timedelta(days=30 * index) for index in range(len(values)))
    aims = () if target is None else (Decimal(target),) * len(values)
    series = (Series("A", decimals(*values)),)
    return render(Line(title="A", language="en", unit=unit, days=days, series=series, target=aims), 560)


def name_of_target(svg: str) -> tuple[str, str]:
    """Where it is anchored, and what it says."""
    found = re.search(r'<text text-anchor="(\w+)"[^>]*>(target[^<]*)</text>', svg)
    assert found is not None
    return found[1], found[2]


@pytest.mark.parametrize(
    ("target", "values", "anchor", "words"),
    [
        ("30", (20, 40, 60), "end", "target"),
        ("50", (20, 30, 50), "start", "target"),
        ("50", (49, 30, 20), "end", "target"),
        ("50", (20, 52, 48, 50, 49, 60, 70, 80, 70, 61), "end", "target"),  # at the left the line crosses the name
        ("10000", (20, 40, 60), "start", "target 10,000 ↑"),
        ("0", (9000, 9010, 9020), "end", "target 0 ↓"),
    ],
)
def test_a_target_is_named_where_the_line_leaves_room_and_at_the_edge_when_it_is_out_of_view(
    target: str, values: tuple[float, ...], anchor: str, words: str
) -> None:
    assert name_of_target(drawn(target, *values)) == (anchor, words)


@pytest.mark.parametrize(
    ("values", "halves"), [((0, 1, 0), False), ((0, 0.25, 1), True), ((0, 3, 2), False), ((10, 60, 20), False)]
)
def test_no_axis_shows_half_of_what_is_counted(values: tuple[float, ...], halves: bool) -> None:
    labels = tuple("abc")
    bars = Bars(title="A", language="en", label_head="Month", labels=labels, series=(Series("A", decimals(*values)),))
    for svg in (drawn(None, *values), render(bars, 560)):
        assert bool(re.findall(r">\d+\.\d+</text>", svg)) == halves


def test_names_of_columns_that_are_wider_than_these_are_slanted_and_not_cut() -> None:
    plans = ("Business", "Enterprise", "Team", "Without a plan")
    cells = (decimals(1, 2, 3, 4),)
    chart = HeatMap(title="A", language="en", row_head="Feature", rows=("API",), columns=plans, cells=cells)
    wide, narrow = render(chart, 560), render(chart, NARROW)
    assert [name for name in plans if f">{name}<" not in wide or f">{name}<" not in narrow] == []
    assert ("rotate(" in wide, "rotate(" in narrow) == (False, True)


@pytest.mark.parametrize("width", [NARROW, 560])
def test_names_of_stages_do_not_run_into_one_another_and_counts_are_never_cut(width: int) -> None:
    stages = ("Signed up", "First step, 7 days", "Features in 30 days", "Day 45")
    steps = ("Signed up", "Advanced analytics", "3-4 features", "Not paying")
    links = tuple(Link(stage, steps[stage], steps[stage + 1], 1227) for stage in range(3))
    svg = render(Sankey(title="A", language="en", stages=stages, links=links), width)
    texts = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)</text>', svg)
    assert [words for *_, words in texts if words.endswith("1,227")] == [words for *_, words in texts[1::2]]
    spans: dict[str, list[tuple[float, float]]] = {}
    for x, y, attributes, words in texts[::2]:
        end = 'anchor="end"' in attributes
        left = float(x) - width_of(words, 11) if end else float(x)
        spans.setdefault(y, []).append((left, left + width_of(words, 11)))
    assert all(one[1] < other[0] for line in spans.values() for one, other in pairwise(sorted(line)))
    assert len(spans) == (2 if width == NARROW else 1)


def baseline(svg: str) -> float:
    """How far the axis of days is below the tick of 0."""
    zero = re.search(r'translate\(-6,([\d.]+)\)"[^>]*>0</text>', svg)
    assert zero is not None
    return vega.HEIGHT + 4 - float(zero[1])


def test_nothing_is_drawn_below_zero_that_cannot_be() -> None:
    assert baseline(drawn(None, 0, 40, 60)) == pytest.approx(0, abs=0.5)
    assert baseline(drawn(None, -10, 40, 60)) > 10
