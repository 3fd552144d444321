"""Vega-Altair → SVG: the same bytes everywhere, our colours, nothing fetched, nothing read aloud twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from kpi_pipeline.catalogue.display import unit_text
from kpi_pipeline.errors import UsageError
from kpi_pipeline.reports.charts.spec import are_whole
from kpi_pipeline.reports.charts.svg import FAMILY, FONT, width_of
from kpi_pipeline.reports.palette import SERIES, var

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 190
MEASURED = "Liberation Sans"  # comes with vl-convert: texts are as wide on every machine
FEW = 5  # as many ticks as an axis has of itself
ENTRY = 46  # a legend's mark and the room around a name
MARGIN = 76  # what the axis takes of the width, at most
TIME: Mapping[str, Literal["nl-NL", "en-GB"]] = {"nl": "nl-NL", "en": "en-GB"}
FORMAT = {
    "nl": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""], "minus": "−"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "minus": "−"},
}
MILLIONS = {"nl": "\u00a0mln.", "en": "M"}

# The drawing is one image with one sentence; what Vega says of each mark inside it would be read to nobody.
INNER = re.compile(r' (?:aria-[a-z]+|role|class|pointer-events|font-family)="[^"]*"')
ROOT = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')
EMPTY = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')


@dataclass(frozen=True, slots=True)
class Plot:
    """Layers of marks over named rows, and the width and height of what they are drawn on."""

    layers: Sequence[Any]
    size: tuple[int, int]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]


def start() -> None:
    """Start the engine that draws, for which the first chart would wait half a second."""
    import altair as alt

    to_svg(lambda: Plot([alt.Chart().mark_point().encode(x=alt.datum(0))], (1, 1), {}), "en", "")


def to_svg(plot: Callable[[], Plot], language: str, label: str) -> str:
    """What `plot` gives, drawn, with `label` to be read aloud. Raises UsageError for data that would be fetched."""
    import vl_convert
    from altair.utils.schemapi import debug_mode

    # Altair checks each part when it is made and the whole when it is written, which takes longer than the drawing;
    # a test checks every kind of chart.
    with debug_mode(False):
        written = spec(plot())
    if _has_url(written):
        raise UsageError("drawing a chart", "its data are an address", remedy="Put the values into the chart itself")
    svg = vl_convert.vegalite_to_svg(written, format_locale=FORMAT[language], time_format_locale=TIME[language])
    match = ROOT.search(svg)
    if match is None:
        raise AssertionError("vl-convert answered with something that is no SVG")
    width, height = match[1], match[2]
    root = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(label)}" font-family="{FAMILY}">'
    )
    return root + EMPTY.sub("", INNER.sub("", svg[match.end() :]))


def spec(plot: Plot, *, validate: bool = False) -> dict[str, Any]:
    """A plot in Vega-Lite: layers over one another in our colours and sizes, without background and frame."""
    import altair as alt

    # All at once: every method of a chart copies all of it.
    chart = alt.layer(*plot.layers, width=plot.size[0], height=plot.size[1], config=_config())
    # Altair would look at every value of every row, three times.
    return {**chart.to_dict(validate=validate), "datasets": {name: list(rows) for name, rows in plot.rows.items()}}


def _config() -> dict[str, Any]:
    axis = {
        "labelColor": var("quiet"),
        "titleColor": var("quiet"),
        "titleFontWeight": "normal",
        "domainColor": var("rule"),
        "tickColor": var("rule"),
        "gridColor": var("rule"),
        "labelFontSize": FONT,
        "titleFontSize": FONT,
        "labelLimit": 180,
        "labelPadding": 6,
    }
    legend = {
        "labelColor": var("ink"),
        "labelFontSize": FONT,
        "orient": "top",
        "title": None,
        "columnPadding": 28,
    }
    return {
        "background": "transparent",
        "padding": {"left": 8, "right": 8, "top": 4, "bottom": 2},
        "font": MEASURED,
        "view": {"stroke": None},
        "axis": axis,
        "legend": legend,
        "text": {"fontSize": FONT},
    }


def value_axis(unit: str, language: str, shown: Sequence[Decimal], *, ticks: int = 5) -> alt.Axis:
    """An axis of values with € before or % behind each tick, and any other unit named once above it.

    Of a few counted things, which are `shown` as whole numbers, it has a tick for each and none for halves.
    """
    import altair as alt

    word = unit_text(unit, language)
    before = f"'{word} ' + " if word in ("€", "US$") else ""
    behind = " + '%'" if word == "%" else ""
    plain = f"{before}format(datum.value, ',~f'){behind}"
    large = f"{before}format(datum.value / 1e6, ',~f') + '{MILLIONS[language]}'{behind}"
    return alt.Axis(
        title=None if before or behind or not word else word,
        titleAngle=0,
        titleAnchor="end",
        titleAlign="right",
        titleX=-6,
        titleY=-10,
        labelExpr=f"abs(datum.value) >= 1e6 ? {large} : {plain}",
        tickCount=ticks,
        values=_each(shown) if are_whole(shown) and _each(shown) else alt.Undefined,
        domain=False,
        ticks=False,
    )


def _each(shown: Sequence[Decimal]) -> list[int]:
    """The whole numbers from the lowest to the highest, where they are few."""
    low, high = (int(min(shown)), int(max(shown))) if shown else (0, 0)
    return list(range(low, high + 1)) if 0 < high - low < FEW else []


def day_axis(width: int, *, monthly: bool) -> alt.Axis:
    """An axis of days or months, written in the language of the drawing."""
    import altair as alt

    return alt.Axis(
        title=None,
        format="%b %Y" if monthly else "%-d %b",
        grid=False,
        tickCount=max(2, width // 110),
        labelOverlap=True,
        labelSeparation=10,
        labelFlush=True,
    )


def legend(names: Sequence[str], width: int) -> alt.Legend | None:
    """One entry a name, in as many columns as fit; none for a single name, which is that of the chart."""
    import altair as alt

    if len(names) < 2:
        return None
    longest = max(width_of(name) for name in names) + ENTRY
    return alt.Legend(columns=min(len(names), max(1, int(width // longest))), labelLimit=width - ENTRY)


def over(rows: str) -> Any:
    """A chart without marks over the rows of that name."""
    import altair as alt

    return alt.Chart(alt.NamedData(rows))


def colours(names: Sequence[str], own: Sequence[str] = ()) -> alt.Scale:
    """Names → colours in order; `own` has a colour of the palette a name, "" for the next of the series."""
    import altair as alt

    chosen = own or [""] * len(names)
    found = [var(colour or f"series-{index % SERIES + 1}") for index, colour in enumerate(chosen)]
    return alt.Scale(domain=list(names), range=found)


def instant(day: date) -> str:
    return day.isoformat()


def floats(values: Sequence[Decimal | None]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _has_url(value: object) -> bool:
    if isinstance(value, Mapping):
        return "url" in value or any(_has_url(each) for each in value.values())
    return isinstance(value, list) and any(_has_url(each) for each in value)
