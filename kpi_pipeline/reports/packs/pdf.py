"""A document as PDF/UA-1, by Typst from its wheel: no browser, no system library, the same bytes every time.

The layout is in templates/pack.typ; texts go in as data and are never read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from importlib.resources import files
from typing import Any

import orjson
import typst

from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.reports.charts import glyph, render, resolved
from kpi_pipeline.reports.charts.glyph import COLOURS
from kpi_pipeline.reports.packs.document import (
    Amount,
    Cell,
    Document,
    Facts,
    Figure,
    Picture,
    Prose,
    Section,
    State,
    Table,
)
from kpi_pipeline.reports.packs.grouping import Figures, arranged, grouped, is_panel
from kpi_pipeline.reports.palette import LIGHT

# What no font of Typst's own has is written as its code point; each failed attempt names one such text.
UNSEEN = re.compile(r'the text `"(.+?)"` could not be displayed')
ATTEMPTS = 40
# Latin, Greek, Cyrillic, Hebrew, Arabic; punctuation, currency, arrows, mathematics, shapes.
SEEN = re.compile(
    "[^\u0000-\u052f\u0590-\u06ff\u1e00-\u1fff\u2000-\u206f\u20a0-\u20bf\u2100-\u22ff\u2500-\u25ff\u2700-\u27bf\ufb1d-\ufdff\ufe70-\ufeff]"
)
HEIGHTS = {"spark": 15.0, "icon": 13.0}


def pdf(document: Document) -> bytes:
    """The PDF, dated as the document is known."""
    at = document.known_at.astimezone(UTC).replace(microsecond=0)  # all that a PDF can hold
    source = files("kpi_pipeline.reports").joinpath("templates", "pack.typ").read_bytes()
    data = orjson.dumps(_data(document)).decode()
    for attempt in range(ATTEMPTS):
        try:
            made: Any = typst.compile(
                source,
                format="pdf",
                sys_inputs={"data": data},
                ignore_system_fonts=True,
                pdf_standards="ua-1",
                timestamp=at,
            )
        except typst.TypstError as error:
            unseen = UNSEEN.search(error.message)
            if unseen is None or attempt == ATTEMPTS - 1:
                raise
            data = SEEN.sub(_code_point, data) if attempt == 0 else _without(data, unseen[1])
        else:
            return bytes(made)
    raise AssertionError("the last attempt returns or raises")


def _code_point(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def _without(data: str, text: str) -> str:
    for letter in set(text):
        if not letter.isascii():
            data = data.replace(letter, f"[U+{ord(letter):04X}]")
    return data


def _data(document: Document) -> dict[str, Any]:
    front = document.front
    anchors = {row.anchor for each in document.all_sections for row in _rows(each) if row.anchor}
    return {
        "title": document.full_title,
        "company": document.company_name,
        "heading": f"{document.company_name} · {document.title}",
        "lang": document.language,
        "headline": front.headline,
        "colours": dict(LIGHT),
        "words": {name: document.words[name] for name in ("page", "to_receipt", "generated")},
        "facts": [{"label": label, "value": value} for label, value in front.facts],
        "counts": [{"words": _bare(each.words), "count": each.count, **_sign(each.status)} for each in front.counts],
        "front": [_section(document, each, anchors) for each in front.sections],
        "sections": [
            {"panels": is_panel(together[0]), "of": [_section(document, each, anchors) for each in together]}
            for together in arranged(document.sections)
        ],
    }


def _rows(section: Section) -> Sequence[Any]:
    return [row for block in section.blocks if isinstance(block, Table) for row in block.rows]


def _section(document: Document, section: Section, anchors: set[str]) -> dict[str, Any]:
    blocks = [_block(document, each, anchors, section.title) for each in grouped(section.blocks)]
    return {"id": f"section-{section.id}", "title": section.title, "blocks": blocks}


def _block(document: Document, block: Any, anchors: set[str], section: str = "") -> dict[str, Any]:
    if isinstance(block, Figures):
        parts = [_figure(document, figure, beside, anchors, section) for figure, beside in block.parts]
        return {"kind": "figures", "parts": parts}
    if isinstance(block, Table):
        columns = [{"words": each.words, "numeric": each.numeric, "share": each.share} for each in block.columns]
        rows = [
            {"anchor": row.anchor, "minor": row.minor, "cells": [_cell(cell, anchors) for cell in row.cells]}
            for row in block.rows
        ]
        return {"kind": "table", "columns": columns, "rows": rows}
    if isinstance(block, Facts):
        head = [document.words["what"], document.words["value"]]
        items = [{"label": label.words, "cell": _cell(cell, anchors)} for label, cell in block.items]
        return {"kind": "facts", "head": head, "items": items}
    return {"kind": "prose", "text": block.text, "tone": block.tone, "by": block.by, "code": block.code}


def _figure(
    document: Document, figure: Figure, beside: Sequence[Facts | Prose], anchors: set[str], section: str
) -> dict[str, Any]:
    chart = figure.chart
    return {
        "title": "" if chart.title == section else chart.title,  # the heading just above says it already
        "svg": resolved(render(chart)),
        "summary": chart.summary(),
        "beside": [_block(document, each, anchors) for each in beside],
    }


def _cell(cell: Cell, anchors: set[str]) -> dict[str, Any]:
    if isinstance(cell, Picture):
        drawings = [
            {"svg": resolved(svg), "words": words or "–", "height": _height(svg)} for svg, words in cell.drawings
        ]
        return {"kind": "picture", "drawings": drawings}
    if isinstance(cell, State):
        return {"kind": "state", "words": _bare(cell.words), "quiet": cell.quiet, **_sign(cell.status)}
    anchor = cell.anchor if cell.anchor in anchors else ""
    if isinstance(cell, Amount):
        running = "" if cell.running is None else f"{cell.running[0]} {cell.running[1].text}"
        return {"kind": "amount", "words": cell.number.text, "quiet": cell.quiet, "anchor": anchor, "running": running}
    return {"kind": "text", "words": cell.words, "quiet": cell.quiet, "anchor": anchor}


def _height(svg: str) -> float:
    return next((height for name, height in HEIGHTS.items() if f'class="{name}"' in svg), 15.0)


def _sign(status: str) -> Mapping[str, str]:
    return {"status": status, "colour": COLOURS[status], "svg": resolved(glyph(status))}


def _bare(words: str) -> str:
    """A status without its sign, which is drawn: not every font has it."""
    signs = "".join(each["glyph"] for each in STATUS.values())
    return words.lstrip(signs).strip()
