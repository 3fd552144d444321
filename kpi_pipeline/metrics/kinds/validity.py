"""validity: 1 while all of some named things are valid at the end of the day, else 0."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

import ibis
import ibis.expr.types as ir
from pydantic import Field, ValidationInfo, model_validator

from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Names, Outcome, Params, Records, Row, check_columns, exact
from kpi_pipeline.metrics.kinds.side import Fact, with_span
from kpi_pipeline.metrics.words import condition, term


class Spans(Params):
    """Rows of a fact: the thing `name` is valid from the day `since` until the day `until`, which is out of it."""

    fact: Fact
    where: str = ""
    name: str
    since: str
    until: str

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.name, self.since, self.until), self.where, info)
        return self


class ValidityParams(Params):
    """`names` are the things that must all be valid. One that was never on record is not."""

    of: Spans
    names: Names = Field(min_length=1)


def build(params: ValidityParams, context: Context) -> ir.Table:
    """numerator: how many of the names are valid; a renewal that overlaps the old one counts once."""
    spans = rolling.once_per(_valid(params, context), params.of.name)
    valid = spans.select("enter", "exit", numerator=ibis.literal(1, "int64"))
    return rolling.sums(valid, ["numerator"], context.spine)


def _valid(params: ValidityParams, context: Context) -> ir.Table:
    of = params.of
    table = where.keep(context.facts[of.fact], of.where)
    named = table.filter(table[of.name].isin(params.names))
    return with_span(named, context.spine, of.since, until=(of.until,))


def finish(row: Row, params: ValidityParams, _: Context) -> Outcome:
    valid, wanted = exact(row["numerator"]), len(params.names)
    return Outcome(Decimal(valid == wanted), valid, Decimal(wanted), wanted)


def records(params: ValidityParams, context: Context) -> Iterable[Records]:
    yield Records("numerator", params.of.fact, _valid(params, context).drop("enter", "exit"))


def words(params: ValidityParams, language: str) -> str:
    names = ", ".join(params.names)
    noun = f"{term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()
    if language == "nl":
        return f"1 zolang alle {noun} geldig zijn ({names}), anders 0"
    return f"1 while all {noun} are valid ({names}), otherwise 0"


VALIDITY = Kind("validity", ValidityParams, build, records, finish, words)
