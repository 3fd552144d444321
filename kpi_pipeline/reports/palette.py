"""The colours of pages and charts, once: CSS variables for HTML, fixed colours for what resolves no variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from kpi_pipeline.errors import UsageError

Theme = Literal["light", "dark"]

# Text keeps 4.5:1 to paper and soft, lines and areas 3:1; the colour blind tell improvement from concern.
LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "ink": "#1c2430",
    "quiet": "#566070",
    "rule": "#d7dce3",
    "soft": "#f4f6f8",
    "link": "#1f4f9c",
    "ok": "#1b6e3c",
    "below_target": "#6b5300",
    "warning": "#8f4a00",
    "critical": "#b00020",
    "quiet-status": "#4a5568",
    "line": "#2457a6",
    "series-1": "#2457a6",
    "series-2": "#b4530a",
    "series-3": "#1d7a74",
    "series-4": "#8a3f8f",
    "series-5": "#7a6a10",
    "series-6": "#5b6472",
    "gain": "#2b7d8f",
    "loss": "#b4530a",
    "improvement": "#00729a",
    "concern": "#b8540a",
    "neutral": "#490092",
    "heat-0": "#eef3fa",
    "heat-1": "#cfdff3",
    "heat-2": "#a9c6ea",
    "heat-3": "#7ba7dc",
    "heat-4": "#3f73b5",
    "heat-5": "#1f4f8f",
    "on-heat-0": "#1c2430",
    "on-heat-1": "#1c2430",
    "on-heat-2": "#1c2430",
    "on-heat-3": "#10161f",
    "on-heat-4": "#ffffff",
    "on-heat-5": "#ffffff",
}
DARK: Mapping[str, str] = {
    "paper": "#14181f",
    "ink": "#e8ebf0",
    "quiet": "#a3adba",
    "rule": "#333b47",
    "soft": "#1c222b",
    "link": "#9cc0f7",
    "ok": "#6cc58f",
    "below_target": "#d9bd5a",
    "warning": "#f0a35c",
    "critical": "#ff8a93",
    "quiet-status": "#a3adba",
    "line": "#86b1f5",
    "series-1": "#86b1f5",
    "series-2": "#f0a35c",
    "series-3": "#6ccac2",
    "series-4": "#d49adb",
    "series-5": "#d9c45a",
    "series-6": "#a3adba",
    "gain": "#6cc0d2",
    "loss": "#f0a35c",
    "improvement": "#4cc3f0",
    "concern": "#f5944a",
    "neutral": "#c9a2ff",
    "heat-0": "#1d2733",
    "heat-1": "#213750",
    "heat-2": "#274b73",
    "heat-3": "#2f629a",
    "heat-4": "#6a9fdf",
    "heat-5": "#a9cdfa",
    "on-heat-0": "#e8ebf0",
    "on-heat-1": "#e8ebf0",
    "on-heat-2": "#ffffff",
    "on-heat-3": "#ffffff",
    "on-heat-4": "#10161f",
    "on-heat-5": "#10161f",
}
THEMES: Mapping[Theme, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}
HEAT = 6
SERIES = 6
STANDALONE = 'xmlns="http://www.w3.org/2000/svg"'
VARIABLE = re.compile(r"var\(--([a-z0-9_-]+)\)")


def var(name: str) -> str:
    """The CSS variable of a colour; KeyError for one that the palette lacks."""
    if name not in LIGHT:
        raise KeyError(name)
    return f"var(--{name})"


def css() -> str:
    """Both themes as custom properties; the reader's system chooses."""
    return (
        f":root {{ {_properties(LIGHT)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {_properties(DARK)} }} }}"
    )


def resolved(svg: str, theme: Theme = "light") -> str:
    """The drawing as a file of its own with fixed colours, for PDF and PNG: those paint an unknown variable black.

    Raises UsageError when the drawing names a colour that the palette lacks.
    """
    colours = THEMES[theme]

    def colour(match: re.Match[str]) -> str:
        if match[1] not in colours:
            raise UsageError(
                "resolving the colours of a chart", f"there is no colour {match[1]!r}", remedy="Add it to the palette"
            )
        return colours[match[1]]

    return VARIABLE.sub(colour, svg).replace("<svg ", f"<svg {STANDALONE} ", 1)


def _properties(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())
