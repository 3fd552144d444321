"""A document as one self-contained HTML page: no script, nothing fetched, light and dark, printable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_pipeline.reports.charts import figure
from kpi_pipeline.reports.packs.document import Cell, Column, Document
from kpi_pipeline.reports.packs.grouping import arranged, grouped, is_panel
from kpi_pipeline.reports.template import environment


@dataclass(frozen=True, slots=True)
class Named:
    """A cell with the name of its kind, by which the template chooses."""

    kind: str
    of: Cell
    numeric: bool


def html(document: Document) -> str:
    """The page; every text is escaped, only our own drawings are not."""
    page = environment().get_template("pack.html")
    return page.render(
        doc=document,
        language=document.language,
        nav=None,
        named=lambda cell, numeric=False: Named(type(cell).__name__.lower(), cell, numeric),
        kind=lambda block: type(block).__name__.lower(),
        shares=lambda block: _shares(block.columns),
        arranged=lambda sections: list(arranged(sections)),
        is_panel=is_panel,
        grouped=lambda blocks: list(grouped(blocks)),
        figure=lambda block: figure(block.chart, block.caption),
        drawn=lambda drawing: Markup(drawing),  # noqa: S704 - our own drawing, escaped
    )


def _shares(columns: Sequence[Column]) -> list[str]:
    """What each column takes of the width, in percent."""
    total = sum(column.share for column in columns)
    return [f"{100 * column.share / total:.1f}" for column in columns]
