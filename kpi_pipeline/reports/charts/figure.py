"""A chart on a page: drawn once for each width it is read at, with its caption, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kpi_pipeline.reports.charts.draw import MIDDLE, NARROW, WIDE, render
from kpi_pipeline.reports.charts.spec import Chart
from kpi_pipeline.reports.template import template

NAMES = {NARROW: "narrow", MIDDLE: "middle", WIDE: "wide"}
WORDS = {"nl": "Cijfers als tabel", "en": "Numbers as a table"}


def figure(spec: Chart, caption: str = "", *, widths: Sequence[int] = (NARROW, MIDDLE)) -> Markup:
    """<figure> with the drawing in each width (style.css shows the one that fits), caption and table of numbers.

    The drawing is one image with a sentence; the table below it can be opened by keyboard and holds every number.
    """
    drawings = [(NAMES[width], Markup(render(spec, width))) for width in widths]  # noqa: S704 - our own drawing, escaped
    return Markup(  # noqa: S704 - a template of ours, which escapes
        template("figure.html").render(
            spec=spec,
            caption=caption,
            drawings=drawings,
            table=spec.table(),
            words=WORDS[spec.language],
            has_wide=WIDE in widths,
        )
    )
