"""Writes SVG by hand where a grammar of graphics fits badly: elements as text, every attribute escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from kpi_pipeline.reports.palette import var

FONT = 12
FAMILY = "system-ui, Segoe UI, Roboto, Liberation Sans, sans-serif"
WIDE_LETTER = 0.58  # of the font's size, on the safe side for common sans-serif fonts


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def element(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """An element; `stroke_width` becomes stroke-width, None is left out. `content` is markup, already escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(
    words: str,
    x: float,
    y: float,
    *,
    anchor: str = "start",
    colour: str = "quiet",
    size: float = FONT,
    weight: int | None = None,
    halo: bool = False,
) -> str:
    """A text; with `halo` the paper shines around it, so that it can be read over lines."""
    return element(
        "text",
        escape(words, quote=False),
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        fill=var(colour),
        font_size=size,
        font_weight=weight,
        stroke=var("paper") if halo else None,
        stroke_width=3 if halo else None,
        paint_order="stroke" if halo else None,
    )


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: str | None = None) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=var(colour), stroke_width=width, stroke_dasharray=dash)


def width_of(words: str, size: float = FONT) -> float:
    """About how wide a text is: no font is measured, so that the drawing is the same everywhere."""
    return round(len(words) * size * WIDE_LETTER, 1)


def clipped(words: str, room: float, size: float = FONT) -> str:
    """The text as far as it fits, with an ellipsis; it stands whole in the chart's table."""
    fits = int(room / (size * WIDE_LETTER))
    return words if len(words) <= fits else f"{words[: max(1, fits - 1)].rstrip()}…"


def wrapped(words: str, room: float, size: float = FONT, most: int = 2) -> list[str]:
    """The text in lines that fit, broken between words; what `most` lines do not hold ends in an ellipsis."""
    lines: list[str] = []
    for word in words.split():
        if lines and width_of(f"{lines[-1]} {word}", size) <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [clipped(line, room, size) for line in lines]


def drawing(width: float, height: float, parts: Iterable[str], label: str) -> str:
    """A whole drawing with the words that are read aloud instead of it."""
    return element(
        "svg",
        "".join(parts),
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
        font_family=FAMILY,
    )
