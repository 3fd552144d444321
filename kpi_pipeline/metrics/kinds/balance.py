"""balance: what entities hold at the end of the window, as the sum of all changes before it, for example MRR."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import ibis
import ibis.expr.types as ir

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Records, Row, divide, total
from kpi_pipeline.metrics.kinds.running_balance import Changes, entering, happened, last_day, spans
from kpi_pipeline.metrics.words import condition, term


class BalanceParams(Changes):
    """`sum` of the balances, how many `entities` hold something, or the `mean` of those that do."""

    take: Literal["sum", "entities", "mean"] = "sum"


def build(params: BalanceParams, context: Context) -> ir.Table:
    """numerator = Σ of balances (of `entities`: how many are above 0), denominator = n = entities above 0."""
    rows = _held(params, context)
    holds = ibis.ifelse(rows.held > 0, 1, 0).cast("int64")
    amount = holds if params.take == "entities" else rows.held
    daily = rolling.sums(rows.select("enter", "exit", numerator=amount, n=holds), ["numerator", "n"], context.spine)
    return daily.mutate(denominator=daily.n)


def _held(params: BalanceParams, context: Context) -> ir.Table:
    rows = entering(happened(params, context), last_day(context.spine), context.spine)
    steps = rows.select(*params.per, "enter", held="_change")
    return spans(steps, params.per, ["held"], context.spine)


def finish(row: Row, params: BalanceParams, context: Context) -> Outcome:
    """Nothing held is 0, and 0 is a value; a mean of nobody is none."""
    return (divide if params.take == "mean" else total)(row, params, context)


def records(params: BalanceParams, context: Context) -> Iterable[Records]:
    """The changes up to the day."""
    yield Records("numerator", params.fact, happened(params, context).drop("_day", "_change"))


def words(params: BalanceParams, language: str) -> str:
    whose = " × ".join(term(name, language) for name in params.per)
    rows = f"{term(params.fact, language)} {condition(params.where, language)}".rstrip()
    if params.take == "entities":
        return f"{whose} > 0: {rows}" if language == "en" else f"{whose} met meer dan 0: {rows}"
    mean = {"nl": f" ÷ {whose}", "en": f" ÷ {whose}"}[language] if params.take == "mean" else ""
    return f"Σ {term(params.change, language)} {term('of', language)} {rows}{mean}"


BALANCE = Kind("balance", BalanceParams, build, records, finish, words)
