"""base_conversion: of what entities held of one sort at a base, the part whose holders now hold another sort.

For example the revenue from legacy products in a reference month that has gone over to their successors. `converted`
weighs an entity by what it held at the base, so it never exceeds the whole; `replaced` by what it now holds instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import Pair, of_sides
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Records, check_columns, divide
from kpi_pipeline.metrics.kinds.running_balance import (
    Base,
    Changes,
    base_day,
    base_in_words,
    entering,
    happened,
    is_fixed,
    last_day,
    spans,
)
from kpi_pipeline.metrics.words import condition, term


class BaseConversionParams(Changes):
    """`held` and `to` are conditions on the changes: what counts at the base, and what counts at the end."""

    base: Base
    held: str
    to: str
    measure: Literal["converted", "replaced"]

    @property
    def counts_from_a_fixed_day(self) -> bool:
        return is_fixed(self.base)

    def divided(self, company: Company) -> Pair | None:
        return of_sides({self.change}, {self.change}, company.currency)

    @model_validator(mode="after")
    def _conditions_are_known(self, info: ValidationInfo) -> Self:
        for text in (self.held, self.to):
            check_columns(self.fact, (), text, info)
        return self


def build(params: BaseConversionParams, context: Context) -> ir.Table:
    """denominator = Σ held at the base, n = who held it; numerator = that of those who now hold the other sort."""
    spine, per = context.spine, params.per
    rows = happened(params, context)
    none = ibis.literal(0, "int64")
    before = entering(where.keep(rows, params.held), base_day(params.base, spine), spine)
    later = entering(where.keep(rows, params.to), last_day(spine), spine)
    parts = (
        before.select(*per, "enter", base=before["_change"], now=none),
        later.select(*per, "enter", base=none, now=later["_change"]),
    )
    seen = spans(ibis.union(*parts), per, ["base", "now"], spine)
    seen = seen.filter(seen.base > 0)
    amount = seen.base if params.measure == "converted" else seen.now
    weighed = seen.select(
        "enter",
        "exit",
        numerator=ibis.ifelse(seen.now > 0, amount, 0).cast("int64"),
        denominator=seen.base,
        n=ibis.literal(1, "int64"),
    )
    return rolling.sums(weighed, ["numerator", "denominator", "n"], spine)


def records(params: BaseConversionParams, context: Context) -> Iterable[Records]:
    """What was held at the base, and all changes of the other sort up to the day."""
    rows, spine = happened(params, context), context.spine
    own = ("_day", "_change", "_known_day", "enter")
    to, held = where.keep(rows, params.to), where.keep(rows, params.held)
    yield Records("numerator", params.fact, entering(to, last_day(spine), spine).drop(*own))
    yield Records("denominator", params.fact, entering(held, base_day(params.base, spine), spine).drop(*own))


def words(params: BaseConversionParams, language: str) -> str:
    held, to = condition(params.held, language), condition(params.to, language)
    whose = " × ".join(term(name, language) for name in params.per)
    base = base_in_words(params.base, language)
    if language == "nl":
        what = "stand op het ijkpunt" if params.measure == "converted" else "stand nu"
        return f"{what} van wie nu {to} heeft ÷ stand op het ijkpunt {held} (per {whose}; ijkpunt: {base})"
    what = "balance at the base" if params.measure == "converted" else "balance now"
    return f"{what} of those who now have {to} ÷ balance at the base {held} (by {whose}; base: {base})"


BASE_CONVERSION = Kind("base_conversion", BaseConversionParams, build, records, divide, words)
