"""A document as one self-contained HTML page: no script, nothing fetched, light and dark, printable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_pipeline.reports.charts import figure
from kpi_pipeline.reports.packs.document import Block, Cell, Column, Document, Facts, Figure, Prose, Section, Table
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
        arranged=_arranged,
        grouped=lambda blocks: list(_grouped(blocks)),
        figure=lambda block: figure(block.chart, block.caption),
        drawn=lambda drawing: Markup(drawing),  # noqa: S704 - our own drawing, escaped
    )


def _arranged(sections: Iterable[Section]) -> Iterator[tuple[list[Section], Section | None]]:
    """Sections that are one chart stand side by side where two or more follow one another; the others alone."""
    panels: list[Section] = []
    for section in sections:
        if sum(isinstance(block, Figure) for block in section.blocks) == 1 and not any(
            isinstance(block, Table) for block in section.blocks
        ):
            panels.append(section)
            continue
        if panels:
            yield panels, None
        panels = []
        yield [], section
    if panels:
        yield panels, None


def _shares(columns: Sequence[Column]) -> list[str]:
    """What each column takes of the width, in percent."""
    total = sum(column.share for column in columns)
    return [f"{100 * column.share / total:.1f}" for column in columns]


def _grouped(blocks: Iterable[Block]) -> Iterator[tuple[str, object]]:
    """Figures that follow one another stand side by side, each with the short blocks that speak of it."""
    parts: list[list[Block]] = []
    for block in blocks:
        if isinstance(block, Figure):
            parts.append([block])
        elif parts and (isinstance(block, Facts) or (isinstance(block, Prose) and block.tone == "quiet")):
            parts[-1].append(block)
        else:
            if parts:
                yield "figures", parts
                parts = []
            yield ("table" if isinstance(block, Table) else "block"), block
    if parts:
        yield "figures", parts
