"""One side of a KPI: which rows of a fact count, from which day until which, and what each weighs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Names, Params, Records, check_columns, check_fact
from kpi_pipeline.metrics.spine import Spine

Fact = Annotated[str, AfterValidator(check_fact)]


class Rows(Params):
    """Rows of a fact seen through the window.

    A row counts while `time` lies in the window, from when everything in `known` has happened, until the first thing
    in `until` has. Late records count until the cut of the day (`settles_after`).
    """

    fact: Fact
    where: str = ""
    time: str
    known: Names = ()
    until: Names = ()

    def named_columns(self) -> list[str]:
        return [self.time, *self.known, *self.until]

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, self.named_columns(), self.where, info)
        return self


class OfRows(Params):
    """Base of kinds that look at rows (`of`) and further columns of theirs."""

    of: Rows

    def further_columns(self) -> list[str]:
        return []

    @model_validator(mode="after")
    def _columns_are_there(self, info: ValidationInfo) -> Self:
        check_columns(self.of.fact, self.further_columns(), "", info)
        return self


class Side(Rows):
    """Rows with a weight: 1 each (`count: rows`), 1 per key (`count: distinct booking_id`), or a column (`sum`)."""

    count: str = ""
    sum: str = ""
    minus: bool = False

    @property
    def distinct(self) -> str:
        return self.count.removeprefix("distinct ") if self.count.startswith("distinct ") else ""

    def named_columns(self) -> list[str]:
        return [*super().named_columns(), *filter(None, (self.sum, self.distinct))]

    @model_validator(mode="after")
    def _one_weight(self) -> Self:
        if bool(self.count) == bool(self.sum):
            raise ValueError("needs either `count: rows`, `count: distinct <column>` or `sum: <column>`")
        if self.count and self.count != "rows" and not self.distinct:
            raise ValueError(f"count {self.count!r}: write `rows` or `distinct <column>`")
        return self


def spans(rows: Rows, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    """The fact's rows that any of the days sees, with the days [enter, exit) that do; only `columns` if given."""
    table = where.keep(context.facts[rows.fact], rows.where)
    return with_span(table, context.spine, rows.time, known=rows.known, until=rows.until, columns=columns)


def with_span(
    table: ir.Table,
    spine: Spine,
    time: str,
    *,
    known: Sequence[str] = (),
    until: Sequence[str] = (),
    columns: Sequence[str] | None = None,
) -> ir.Table:
    """Adds enter and exit: the business days on which a row is seen through the window."""
    happened = table.filter(spine.has_happened(table[time]), *(spine.has_happened(table[name]) for name in known))
    enter, leave = spine.window.days_in_view(spine.day_of(happened[time]), spine.first, spine.last)
    enters = [enter, *(spine.known_from(happened[name]) for name in known)]
    leaves = [leave, *(spine.known_from(happened[name]) for name in until)]
    return rolling.in_view(happened, enters, leaves, spine, table.columns if columns is None else columns)


def merged(parts: Sequence[tuple[Sequence[Side], str]], context: Context) -> ir.Table:
    """Per business day one int64 sum for each (sides, name), all in one pass of running sums."""
    names = [name for _, name in parts]
    rows = [_weighted(side, name, names, context) for sides, name in parts for side in sides]
    return rolling.sums(ibis.union(*rows) if len(rows) > 1 else rows[0], names, context.spine)


def _weighted(side: Side, name: str, names: Sequence[str], context: Context) -> ir.Table:
    """enter, exit, and for each name an int64 column: in `name` what the side adds on each day, 0 in the others."""
    weight: ir.IntegerValue = ibis.literal(1, "int64")
    if side.distinct:
        rows = spans(side, context, [side.distinct])
        rows = rolling.once_per(rows.filter(rows[side.distinct].notnull()), side.distinct)
    elif side.sum:
        rows = spans(side, context, [side.sum])
        weight = rows[side.sum].cast("int64")
    else:
        rows = spans(side, context, [])
    weights: dict[str, Any] = dict.fromkeys(names, ibis.literal(0, "int64"))
    return rows.select("enter", "exit", **{**weights, name: -weight if side.minus else weight})


def _one_or_more(raw: object) -> object:
    return (raw,) if isinstance(raw, dict) else raw


Sides = Annotated[tuple[Side, ...], BeforeValidator(_one_or_more), Field(min_length=1)]


def side_records(named: dict[str, Sequence[Rows]], context: Context) -> Iterator[Records]:
    """The rows behind each named side on the only day of the context."""
    for name, sides in named.items():
        for side in sides:
            yield Records(name, side.fact, spans(side, context).drop("enter", "exit"))
