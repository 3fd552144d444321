"""Sections as plain text, with everything that their tables and figures say."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_pipeline.reports.packs.document import Amount, Block, Cell, Facts, Figure, Picture, Prose, Section, Table


def section_text(section: Section) -> Iterator[str]:
    """The lines of a section: its title underlined, a line a row of its tables."""
    yield section.title
    yield "-" * len(section.title)
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        for row in block.rows:
            said = []
            for column, cell in zip(block.columns[1:], row.cells[1:], strict=True):
                if words := _cell(cell):
                    said.append(f"{column.words} {words}")
            yield f"{'  ' if row.minor else ''}- {_cell(row.cells[0])}: {'; '.join(said)}"
    elif isinstance(block, Facts):
        for label, cell in block.items:
            yield f"- {label.words}: {_cell(cell)}"
    elif isinstance(block, Figure):
        yield block.chart.summary()
    else:
        yield from _prose(block)


def _prose(block: Prose) -> Iterator[str]:
    yield f"“{block.text}” ({block.by})" if block.by else block.text
    if block.code:
        yield f"  {block.code}"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Picture):
        return cell.words
    words, more = (cell.number.text, cell.more) if isinstance(cell, Amount) else (cell.words, cell.quiet)
    return f"{words} ({more})" if more else words
