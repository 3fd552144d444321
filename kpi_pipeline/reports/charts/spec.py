"""What every chart says besides its drawing: a title, a sentence to read aloud, and its numbers as a table."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi_pipeline.catalogue.display import value_text

Reference = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed. `ref` says whose it is, for example (("kpi", "mrr"), ("day", "2026-11-21"))."""

    text: str
    value: Decimal | int | None
    ref: Reference = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart: `rows` begin with their label; a cell that is text is no number."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Number | str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart(ABC):
    """Base of all charts. `language` nl or en; `unit` is one of the catalogue's units."""

    title: str
    language: str
    unit: str = "count"

    @abstractmethod
    def table(self) -> Table:
        """Its numbers, for those who would rather read them."""

    @abstractmethod
    def summary(self) -> str:
        """The drawing in one sentence, for those who do not see it."""

    @abstractmethod
    def draw(self, width: int) -> str:
        """The drawing as SVG; `render` is what pages call, it makes ids its own."""

    def text(self, value: Decimal | int | None) -> str:
        return value_text(None if value is None else Decimal(value), self.unit, self.language)

    @property
    def key(self) -> str:
        """Differs between charts and is the same in every process: the prefix of the drawing's ids."""
        return f"c{hashlib.sha256(repr(self).encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Series:
    """Values in order. `ref` is whose they are (a KPI); the day or label of each is added to it.

    `colour` is one of the palette, "" takes the next of the series. `days`: of which day each value is, where that is
    not the day it is drawn at; None where a value is left out, of which no cell may say that there is none.
    """

    name: str
    values: tuple[Decimal | None, ...]
    ref: Reference = ()
    texts: tuple[str, ...] = ()
    colour: str = ""
    days: tuple[date | None, ...] = ()


def dated(ref: Reference, day: date) -> Reference:
    return (*ref, ("day", day.isoformat())) if ref else ()


def known(values: Sequence[Decimal | None]) -> list[Decimal]:
    return [value for value in values if value is not None]


def are_whole(values: Sequence[Decimal | None]) -> bool:
    """Whether all that is known are whole numbers: counted things, of which no axis shows a half."""
    return all(value == value.to_integral_value() for value in known(values))
