"""The last days of a KPI as a picture: a line, its threshold, and the newest value as a dot.

As PNG because Outlook drops inline SVG; drawn from a few lines of SVG because that needs nothing that the reports do
not bring already, and sets the threshold's text in a font of its own.
"""

from __future__ import annotations

from html import escape
from itertools import groupby

import vl_convert

from kpi_pipeline.alerts.message import Chart

WIDTH, HEIGHT, EDGE, LABELS = 480, 96, 8, 92
SCALE = 2.0
INK, LIMIT = "#1b4f8a", "#b3261e"


def png(chart: Chart) -> bytes:
    """The picture, twice the size that it is shown at. The same chart always gives the same bytes."""
    return bytes(vl_convert.svg_to_png(svg(chart), scale=SCALE))


def svg(chart: Chart) -> str:
    """A day without a value breaks the line; a value beside two such days is a dot of its own."""
    points = [None if value is None else float(value) for value in chart.values]
    limit = None if chart.limit is None else float(chart.limit)
    known = [value for value in (*points, limit) if value is not None]
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (WIDTH - EDGE - LABELS) / max(1, len(points) - 1)

    def x(index: int) -> float:
        return round(EDGE + index * step, 1)

    def y(value: float) -> float:
        return round(HEIGHT - EDGE - (value - low) / span * (HEIGHT - 2 * EDGE), 1)

    drawn = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    if limit is not None:
        ends = f'x1="{EDGE}" x2="{WIDTH - LABELS}" y1="{y(limit)}" y2="{y(limit)}"'
        drawn.append(f'<line {ends} stroke="{LIMIT}" stroke-width="1.5" stroke-dasharray="5 4"/>')
        label = f'x="{WIDTH - LABELS + 10}" y="{min(HEIGHT - 4, max(12, y(limit) + 4))}"'
        text = escape(chart.limit_text)
        drawn.append(f'<text {label} font-family="sans-serif" font-size="13" fill="{LIMIT}">{text}</text>')
    numbered = [(index, value) for index, value in enumerate(points)]
    for is_gap, run in groupby(numbered, key=lambda each: each[1] is None):
        if not is_gap:
            at = [f"{x(index)},{y(value)}" for index, value in run if value is not None]
            line = f'points="{" ".join(at if len(at) > 1 else at * 2)}"'
            drawn.append(f'<polyline {line} fill="none" stroke="{INK}" stroke-width="2" stroke-linecap="round"/>')
    last = next((each for each in reversed(numbered) if each[1] is not None), None)
    if last is not None and last[1] is not None:
        drawn.append(f'<circle cx="{x(last[0])}" cy="{y(last[1])}" r="4" fill="{INK}"/>')
    box = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(drawn)}</svg>'
