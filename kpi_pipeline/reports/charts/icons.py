"""The icons of "making data count": what the newest point says, and whether the target is met by chance."""

from __future__ import annotations

from html import escape

from kpi_pipeline.reports.palette import var
from kpi_pipeline.reports.xmr import Assurance, Point

SIZE = 26
WORDS = {
    "nl": {
        "common": "gewone variatie, geen signaal",
        "improvement": "bijzondere oorzaak: verbetering ({})",
        "concern": "bijzondere oorzaak: reden tot zorg ({})",
        "neutral": "bijzondere oorzaak: verandering ({})",
        "high": "hoger dan gewoon",
        "low": "lager dan gewoon",
        "pass": "haalt het doel, ook bij gewone variatie",
        "fail": "mist het doel, ook bij gewone variatie",
        "hit_and_miss": "haalt het doel nu eens wel, dan weer niet",
    },
    "en": {
        "common": "common cause variation, no signal",
        "improvement": "special cause: improvement ({})",
        "concern": "special cause: concern ({})",
        "neutral": "special cause: change ({})",
        "high": "higher than usual",
        "low": "lower than usual",
        "pass": "passes the target, whatever the variation",
        "fail": "fails the target, whatever the variation",
        "hit_and_miss": "hits and misses the target",
    },
}
LETTERS = {"pass": "P", "fail": "F", "hit_and_miss": "?"}
RINGS = {"pass": "improvement", "fail": "concern", "hit_and_miss": "quiet"}


def variation_words(point: Point, language: str) -> str:
    words = WORDS[language]
    return words[point.kind].format(words["high" if point.side > 0 else "low"])


def assurance_words(assurance: Assurance, language: str) -> str:
    """ "" where nothing is assured: there is no target or no direction."""
    return WORDS[language][assurance] if assurance else ""


def variation_icon(point: Point, language: str, *, named: bool = True) -> str:
    """A wave for common cause; H or L with an arrow for a special one. Not `named` where its words stand beside it."""
    if point.kind == "common":
        inside = f'<path d="M5 15c2.5-6 4.5-6 8-2s5.5 4 8-2" fill="none" stroke="{var("quiet")}" stroke-width="2"/>'
        return _ring("quiet", inside, variation_words(point, language) if named else None)
    letter, arrow = ("H", "M17 17V9m-3 3l3-3l3 3") if point.side > 0 else ("L", "M17 9v8m-3-3l3 3l3-3")
    drawn = f'<path d="{arrow}" fill="none" stroke="{var(point.kind)}" stroke-width="1.8"/>'
    words = variation_words(point, language) if named else None
    return _ring(point.kind, _letter(letter, 9.5, point.kind) + drawn, words)


def assurance_icon(assurance: Assurance, language: str, *, named: bool = True) -> str:
    """P passes, F fails, ? hits and misses; "" where nothing is assured."""
    if not assurance:
        return ""
    colour = RINGS[assurance]
    inside = _letter(LETTERS[assurance], 13, colour)
    return _ring(colour, inside, assurance_words(assurance, language) if named else None)


def _letter(letter: str, x: float, colour: str) -> str:
    style = f'text-anchor="middle" font-size="12" font-weight="700" fill="{var(colour)}"'
    return f'<text x="{x}" y="17.5" {style}>{letter}</text>'


def _ring(colour: str, inside: str, words: str | None) -> str:
    spoken = 'aria-hidden="true"' if words is None else f'role="img" aria-label="{escape(words)}"'
    circle = f'<circle cx="13" cy="13" r="11.5" fill="{var("paper")}" stroke="{var(colour)}" stroke-width="2.2"/>'
    return (
        f'<svg class="icon" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}" {spoken}>{circle}{inside}</svg>'
    )
