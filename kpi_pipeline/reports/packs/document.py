"""The parts a report is made of, free of any format: sections of prose, tables, figures and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from kpi_pipeline.catalogue.periods import Period
from kpi_pipeline.reports.archive import Number as Archived
from kpi_pipeline.reports.charts import Chart, Number


@dataclass(frozen=True, slots=True)
class Text:
    """Words, with a quieter line under them; `anchor` is a place of the document that they lead to."""

    words: str
    quiet: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its evidence (numerator / denominator, n) under it; `anchor` leads to its receipt.

    `n` is how many lie behind it, where that can be counted. `running` is what the period that is not over has so far,
    with the words before it.
    """

    number: Number
    quiet: str = ""
    anchor: str = ""
    running: tuple[str, Number] | None = None
    n: Decimal | int | None = None

    @property
    def more(self) -> str:
        """Everything under the number, as words."""
        said = [self.quiet] if self.quiet else []
        if self.running is not None:
            said.append(f"{self.running[0]} {self.running[1].text}")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class State:
    """A status: its sign and word, never colour alone, and why it is so."""

    status: str
    words: str
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Small drawings side by side, each with the words that stand for it where nobody sees it."""

    drawings: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        return "; ".join(words for _, words in self.drawings if words)


Cell = Text | Amount | State | Picture


@dataclass(frozen=True, slots=True)
class Column:
    """`numeric` columns are set to the right; `share` is how much of the width one gets beside the others."""

    words: str
    numeric: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """The first cell names the row. `anchor` is what others may lead to; a `minor` row stands under the one above."""

    cells: tuple[Cell, ...]
    anchor: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`label` is what the table is called aloud; `role` tells writers its kind: scores, exceptions, plain."""

    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    role: str = "plain"


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph. `tone`: plain, quiet, heading, place (something is missing here), said (`by` a person).

    `code` is a command that goes with it.
    """

    text: str
    tone: str = "plain"
    by: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    chart: Chart
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a label and what belongs to it; a label may lead somewhere by its `anchor`."""

    items: tuple[tuple[Text, Cell], ...]


Block = Prose | Table | Figure | Facts


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading; `folded` ones are reference that few open (receipts, definitions)."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    status: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Front:
    """Page one, the same order every time: what it is about, how far it can be trusted, what needs attention."""

    facts: tuple[tuple[str, str], ...]
    headline: str
    counts: tuple[Count, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One report of one period as known at an instant. `until` is the last day in it, `complete` whether it is over.

    `numbers` are all that it shows, for the archive. `words` are those of its language that every format needs.
    """

    company: str
    company_name: str
    language: str
    report: str
    title: str
    period: Period
    period_words: str
    zone: str
    until: date
    complete: bool
    known_at: datetime
    front: Front
    sections: tuple[Section, ...]
    numbers: tuple[Archived, ...]
    words: Mapping[str, str] = field(repr=False)

    @property
    def full_title(self) -> str:
        return f"{self.company_name} · {self.title} · {self.period_words}"

    @property
    def all_sections(self) -> tuple[Section, ...]:
        return (*self.front.sections, *self.sections)
