"""latest: the newest row at the end of the day, as a number; one that is too old is still shown, and stale."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Duration
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import (
    OUTDATED,
    Context,
    Kind,
    Outcome,
    Params,
    Records,
    Row,
    check_columns,
    exact,
    exponent,
    scaled,
)
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.kinds.standing import standing
from kpi_pipeline.metrics.words import condition, span_in_words, term


class Newest(Params):
    """Rows of a fact in order of `on`; of one day the last by `entry`."""

    fact: Fact
    where: str = ""
    on: str
    entry: str

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.on, self.entry), self.where, info)
        return self


class LatestParams(Params):
    """`value` is the column that holds it; where `numerator` and `denominator` are filled in, their quotient is exact.

    A column `…_e2` holds hundredths, `…_e6` millionths.
    """

    of: Newest
    value: str
    numerator: str | None = None
    denominator: str | None = None
    stale_after: Duration | None = None

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("`numerator` and `denominator` go together")
        if self.stale_after is not None and self.stale_after % timedelta(days=1):
            raise ValueError("`stale_after` is in whole days")
        check_columns(self.of.fact, filter(None, (self.value, self.numerator, self.denominator)), "", info)
        return self


def build(params: LatestParams, context: Context) -> ir.Table:
    """value, numerator, denominator of the row that stands; n is 1 while one does. A reason says it is too old."""
    rows = _standing(params.of, context)
    absent = ibis.null("int64")
    parts = {
        "value": rows[params.value].cast("int64"),
        "numerator": absent if params.numerator is None else rows[params.numerator],
        "denominator": absent if params.denominator is None else rows[params.denominator],
    }
    chosen = rows.select("enter", "exit", since=context.spine.day_of(rows[params.of.on]), **parts)
    seen = rolling.day_by_day(chosen, context.spine)
    whole = for_every_day(seen, context, "since", *parts)
    return whole.select(
        "day_index",
        *parts,
        n=ibis.ifelse(whole.since.isnull(), 0, 1).cast("int64"),
        reason=outdated(whole, params.stale_after),
    )


def outdated(whole: ir.Table, after: timedelta | None) -> ir.StringValue:
    """The reason of the days on which the row that stands (`since`) is older than `after`."""
    if after is None:
        return ibis.null("string")
    return ibis.ifelse(whole.day_index - whole.since > after.days, OUTDATED, ibis.null("string"))


def _standing(of: Newest, context: Context) -> ir.Table:
    return standing(where.keep(context.facts[of.fact], of.where), context.spine, of.on, of.entry)


def finish(row: Row, params: LatestParams, context: Context) -> Outcome:
    """The quotient in the KPI's unit, else the value as it was entered; money and spans come in the KPI's unit too."""
    above, below = _plain(row["numerator"], params.numerator), _plain(row["denominator"], params.denominator)
    value = _plain(row["value"], params.value)
    if above is not None and below:
        value = scaled(above, context.scale) / below
    elif value is not None and exponent(params.value) is None:
        value = scaled(value, context.scale)
    return Outcome(value, above, below, row["n"], row["reason"])


def _plain(number: Any, column: str | None) -> Decimal | None:
    value: Decimal | None = exact(number)
    digits = None if column is None else exponent(column)
    return value if value is None or digits is None else value.scaleb(-digits)


def records(params: LatestParams, context: Context) -> Iterable[Records]:
    yield Records("value", params.of.fact, _standing(params.of, context).drop("enter", "exit"))


def words(params: LatestParams, language: str) -> str:
    last = "laatste" if language == "nl" else "latest"
    noun = f"{last} {term(params.value, language)} {term('of', language)} {term(params.of.fact, language)}"
    return f"{noun} {condition(params.of.where, language)}".rstrip() + stale_words(params.stale_after, language)


def stale_words(after: timedelta | None, language: str) -> str:
    if after is None:
        return ""
    span = span_in_words(int(after.total_seconds() * 1_000), language)
    return f", verouderd na {span}" if language == "nl" else f", stale after {span}"


LATEST = Kind("latest", LatestParams, build, records, finish, words)
