"""A document as JSON, for machines: the same parts in the same order, every number exact and with its KPI and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import orjson

from kpi_pipeline.history.chain import exact
from kpi_pipeline.reports.charts import Number
from kpi_pipeline.reports.packs.document import (
    Amount,
    Block,
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


def twin(document: Document) -> bytes:
    """The JSON; decimals are text without trailing zeros, instants ISO 8601 in the company's zone."""
    front = document.front
    content = {
        "company": document.company,
        "report": document.report,
        "title": document.full_title,
        "language": document.language,
        "period": {
            "name": document.period.name,
            "first": document.period.first.isoformat(),
            "last": document.period.last.isoformat(),
        },
        "zone": document.zone,
        "until": document.until.isoformat(),
        "complete": document.complete,
        "known_at": document.known_at.isoformat(),
        "facts": dict(front.facts),
        "headline": front.headline,
        "counts": {each.status: each.count for each in front.counts},
        "sections": [_section(each) for each in document.all_sections],
        "numbers": [
            {
                "kpi": each.kpi,
                "day": each.day.isoformat(),
                **{name: exact(getattr(each, name)) for name in ("value", "numerator", "denominator")},
                "n": each.n,
                "text": each.text,
            }
            for each in document.numbers
        ],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _section(section: Section) -> Mapping[str, Any]:
    return {"id": section.id, "title": section.title, "blocks": [_block(each) for each in section.blocks]}


def _block(block: Block) -> Mapping[str, Any]:
    if isinstance(block, Prose):
        return {"kind": "prose", **{key: value for key, value in asdict(block).items() if value}}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "label": block.label,
            "columns": [column.words for column in block.columns],
            "rows": [[_cell(cell) for cell in row.cells] for row in block.rows],
        }
    if isinstance(block, Facts):
        return {"kind": "facts", "items": [{"label": label.words, **_cell(cell)} for label, cell in block.items]}
    return {"kind": "figure", **_figure(block)}


def _figure(figure: Figure) -> Mapping[str, Any]:
    table = figure.chart.table()
    rows = [
        [label, *(each if isinstance(each, str) else _number(each) for each in cells)] for label, cells in table.rows
    ]
    return {"title": figure.chart.title, "summary": figure.chart.summary(), "columns": list(table.head), "rows": rows}


def _cell(cell: Cell) -> dict[str, Any]:
    if isinstance(cell, Amount):
        running = {} if cell.running is None else {"running": _number(cell.running[1])}
        return {**_number(cell.number), **({"evidence": cell.quiet} if cell.quiet else {}), **running}
    if isinstance(cell, Picture):
        return {"text": cell.words}
    said: dict[str, Any] = {"text": cell.words}
    if isinstance(cell, State):
        said["status"] = cell.status
    return said | ({"more": cell.quiet} if cell.quiet else {})


def _number(number: Number) -> dict[str, Any]:
    value = number.value
    return {"text": number.text, "value": exact(value) if isinstance(value, Decimal) else value, **dict(number.ref)}
