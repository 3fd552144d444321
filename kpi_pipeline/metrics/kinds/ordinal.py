"""ordinal: the newest grade at the end of the day, by its rank among the KPI's grades; an old one is stale."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Duration
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import UNLISTED, Context, Kind, Outcome, Params, Records, Row, check_columns, exact
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.latest import outdated, stale_words
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.kinds.standing import standing
from kpi_pipeline.metrics.words import condition, term


class Graded(Params):
    """Rows of a fact in order of `on`."""

    fact: Fact
    where: str = ""
    on: str

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.on,), self.where, info)
        return self


class OrdinalParams(Params):
    """`grade` is the column with the grade as text; it must be one of the KPI's `grades`."""

    of: Graded
    grade: str
    stale_after: Duration | None = None

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if self.stale_after is not None and self.stale_after % timedelta(days=1):
            raise ValueError("`stale_after` is in whole days")
        check_columns(self.of.fact, (self.grade,), "", info)
        return self


def build(params: OrdinalParams, context: Context) -> ir.Table:
    """value: the rank among the KPI's grades, worst 0; a grade that is none of them has none, and that is a reason."""
    rows = _standing(params, context)
    listed = enumerate(context.kpi.grades)
    ranks = [(rows[params.grade] == grade, ibis.literal(rank, "int64")) for rank, grade in listed]
    rank = ibis.cases(*ranks) if ranks else ibis.null("int64")
    chosen = rows.select("enter", "exit", since=context.spine.day_of(rows[params.of.on]), value=rank)
    seen = rolling.day_by_day(chosen, context.spine)
    whole = for_every_day(seen, context, "since", "value")
    unlisted = whole.since.notnull() & whole.value.isnull()
    return whole.select(
        "day_index",
        "value",
        n=ibis.ifelse(whole.since.isnull(), 0, 1).cast("int64"),
        reason=ibis.ifelse(unlisted, UNLISTED, outdated(whole, params.stale_after)),
    )


def _standing(params: OrdinalParams, context: Context) -> ir.Table:
    table = where.keep(context.facts[params.of.fact], params.of.where)
    return standing(table, context.spine, params.of.on, params.grade)


def finish(row: Row, _: OrdinalParams, __: Context) -> Outcome:
    return Outcome(exact(row["value"]), None, None, row["n"], row["reason"])


def records(params: OrdinalParams, context: Context) -> Iterable[Records]:
    yield Records("value", params.of.fact, _standing(params, context).drop("enter", "exit"))


def words(params: OrdinalParams, language: str) -> str:
    last = "laatste" if language == "nl" else "latest"
    noun = f"{last} {term(params.grade, language)} {term('of', language)} {term(params.of.fact, language)}"
    return f"{noun} {condition(params.of.where, language)}".rstrip() + stale_words(params.stale_after, language)


ORDINAL = Kind("ordinal", OrdinalParams, build, records, finish, words)
