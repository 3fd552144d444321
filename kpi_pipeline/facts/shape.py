"""The shape of a fact: its columns, its key, and the streams it is built from.

Conventions of all facts: `*_at` are instants (int64 epoch milliseconds UTC), `*_minor` is money in minor units of the
company's currency (int64), `*_day` or `day` is a local date (int64 days since 1970-01-01), ids are text, flags boolean.
Integers make every engine agree exactly; the one division of a KPI happens at its end.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import Table

    from kpi_pipeline.facts.tables import FactTables

Type = Literal["int64", "float64", "string", "boolean"]
StreamId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    type: Type
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact. `reads` are the (source, stream) pairs its own module reads, `uses` the facts it builds on.

    `alternatives`: sources that can each fill the fact, with the streams read then; a company has one that does.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    reads: tuple[StreamId, ...] = ()
    uses: tuple[str, ...] = ()
    alternatives: Mapping[str, tuple[StreamId, ...]] = field(default_factory=dict)

    @property
    def build(self) -> Callable[[FactTables], Table]:
        """The function that makes the expression; its module is imported only now, because Ibis takes a second."""
        builder: Callable[[FactTables], Table] = importlib.import_module(f"kpi_pipeline.facts.{self.name}").build
        return builder


def instant(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", f"{description} (epoch ms UTC)", nullable)


def money(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", f"{description} (minor units of the company's currency)", nullable)


def text(description: str, *, nullable: bool = False) -> Column:
    return Column("string", description, nullable)


def flag(description: str, *, nullable: bool = False) -> Column:
    return Column("boolean", description, nullable)


def whole(description: str, *, nullable: bool = False) -> Column:
    return Column("int64", description, nullable)


# Of facts that people fill in: who signed for the row (a hash) and when; a number made of such rows is marked by it.
SIGNED: Mapping[str, Column] = {"entered_by": text("hash of who signed"), "entered_at": instant("when it was entered")}
MAYBE_SIGNED: Mapping[str, Column] = {name: replace(column, nullable=True) for name, column in SIGNED.items()}
