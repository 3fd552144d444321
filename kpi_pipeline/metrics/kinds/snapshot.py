"""snapshot: a stock at the end of the day: per account its latest balance, added over accounts, never over days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, check_columns, level
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.kinds.standing import standing
from kpi_pipeline.metrics.words import condition, term


class Balances(Params):
    """The last row per account by `on` (of one day, the last by `entry`) holds until the next; `counted` is asked of
    that row alone, so an account that becomes restricted leaves the sum."""

    fact: Fact
    where: str = ""
    per: str
    on: str
    entry: str
    sum: str
    counted: str = ""

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.per, self.on, self.entry, self.sum), self.where, info)
        check_columns(self.fact, (), self.counted, info)
        return self


class SnapshotParams(Params):
    of: Balances


def build(params: SnapshotParams, context: Context) -> ir.Table:
    """numerator = Σ of the balances in force, n = accounts; no account gives no value, because unknown is not 0."""
    rows = _in_force(params.of, context)
    weights = rows.select("enter", "exit", numerator=rows[params.of.sum], n=ibis.literal(1, "int64"))
    return rolling.sums(weights, ["numerator", "n"], context.spine)


def _in_force(params: Balances, context: Context) -> ir.Table:
    table = where.keep(context.facts[params.fact], params.where)
    return where.keep(standing(table, context.spine, params.on, params.entry, [params.per]), params.counted)


def records(params: SnapshotParams, context: Context) -> Iterable[Records]:
    yield Records("numerator", params.of.fact, _in_force(params.of, context).drop("enter", "exit"))


def words(params: SnapshotParams, language: str) -> str:
    last = "laatste stand per" if language == "nl" else "latest balance per"
    conditions = " and ".join(filter(None, (params.of.where, params.of.counted)))
    return f"Σ {last} {term(params.of.per, language)} {condition(conditions, language)}".rstrip()


SNAPSHOT = Kind("snapshot", SnapshotParams, build, records, level, words)
