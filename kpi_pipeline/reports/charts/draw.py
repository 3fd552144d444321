"""A spec → SVG or PNG."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO

from kpi_pipeline.reports.charts.spec import Chart
from kpi_pipeline.reports.palette import THEMES, Theme, resolved

NARROW, MIDDLE, WIDE = 340, 560, 1120
IDS = re.compile(r'(\bid="|url\(#|href="#)')
ROOT = re.compile(r"(<svg [^>]*>)")
COLOURS = 32  # of a picture: those of our drawings and of the edges of letters; an eighth of the bytes of true colour


def render(spec: Chart, width: int = MIDDLE) -> str:
    """The drawing as SVG: transparent, colours as CSS variables, ids that no other drawing of a page has.

    The same spec gives the same bytes on every machine.
    """
    return _drawn(spec, spec.key, width)


@lru_cache(maxsize=128)  # page, PDF and mail of a report show the same charts
def _drawn(spec: Chart, key: str, width: int) -> str:
    """By its key too: two specs may be equal and not the same, as 1.0 and 1.00 are."""
    return IDS.sub(rf"\g<1>{key}-{width}-", spec.draw(width))


def png(spec: Chart, width: int = MIDDLE, *, theme: Theme = "light", scale: int = 2) -> bytes:
    """The drawing on paper of a theme, `scale` pixels a point: for mail, which shows no SVG."""
    return png_of(render(spec, width), theme=theme, scale=scale)


def png_of(svg: str, *, theme: Theme = "light", scale: int = 2) -> bytes:
    """Any drawing of ours, such as a sparkline or a glyph, on paper of a theme, with a palette."""
    import vl_convert
    from PIL import Image

    paper = f'<rect width="100%" height="100%" fill="{THEMES[theme]["paper"]}"/>'
    drawn: bytes = vl_convert.svg_to_png(ROOT.sub(rf"\g<1>{paper}", resolved(svg, theme), count=1), scale=scale)
    small = BytesIO()
    with Image.open(BytesIO(drawn)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()
