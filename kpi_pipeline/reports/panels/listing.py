"""A small table of a panel: words and numbers in rows, with a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from kpi_pipeline.catalogue.display import count_text, value_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import Number
from kpi_pipeline.reports.panels.shown import Context
from kpi_pipeline.reports.template import template


@dataclass(frozen=True, slots=True)
class Status:
    """A word with the colour of a status."""

    status: str
    words: str


Cell = Number | Status | str


def listing(caption: str, head: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]]) -> Markup:
    """A table; the first cell of a row is its name."""
    kinds = [[_kind(cell) for cell in cells] for _, cells in rows]
    page = template("listing.html").render(caption=caption, head=head, rows=list(zip(rows, kinds, strict=True)))
    return Markup(page)  # noqa: S704 - our template escapes


def _kind(cell: Cell) -> str:
    return "number" if isinstance(cell, Number) else "status" if isinstance(cell, Status) else "text"


def ref(found: PanelTable, place: int, column: str) -> tuple[tuple[str, str], ...]:
    """Whose a number of a table is: its row and column in what history keeps."""
    return ("table", found.name), ("day", found.day.isoformat()), ("row", str(place)), ("column", column)


def counted(found: PanelTable, context: Context, place: int, column: str) -> Number:
    """A count of a row."""
    count = found.rows[place][column]
    return Number(count_text(count, context.language), count, ref(found, place, column))


def money(found: PanelTable, context: Context, place: int, column: str) -> Number:
    """An amount of a row, in minor units there, as people read it."""
    minor = found.rows[place][column]
    return Number(amount_text(minor, context), minor, ref(found, place, column))


def amount_text(minor: int | None, context: Context) -> str:
    return value_text(None if minor is None else Decimal(minor) / 100, context.company.currency, context.language)
