"""Figures that follow one another, each with the short blocks that speak of it, so that writers set them in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kpi_pipeline.reports.packs.document import Block, Facts, Figure, Prose, Section, Table

Beside = list[Facts | Prose]


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures side by side; `parts` has each with its facts and remarks."""

    parts: list[tuple[Figure, Beside]]


def grouped(blocks: Iterable[Block]) -> Iterator[Block | Figures]:
    """The blocks of a section, its figures in groups."""
    parts: list[tuple[Figure, Beside]] = []
    for block in blocks:
        if isinstance(block, Figure):
            parts.append((block, []))
        elif parts and (isinstance(block, Facts) or (isinstance(block, Prose) and block.tone == "quiet")):
            parts[-1][1].append(block)
        else:
            if parts:
                yield Figures(parts)
            parts = []
            yield block
    if parts:
        yield Figures(parts)


def is_panel(section: Section) -> bool:
    """Whether a section is one chart with what is said of it, which takes half the width."""
    figures = sum(isinstance(block, Figure) for block in section.blocks)
    return figures == 1 and not any(isinstance(block, Table) for block in section.blocks)


def arranged(sections: Iterable[Section]) -> Iterator[list[Section]]:
    """Panels that follow one another together, every other section alone."""
    panels: list[Section] = []
    for section in sections:
        if is_panel(section):
            panels.append(section)
            continue
        if panels:
            yield panels
        panels = []
        yield [section]
    if panels:
        yield panels
