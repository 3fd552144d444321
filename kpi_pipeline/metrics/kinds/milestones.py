"""milestones: how much of a plan is done at the end of the day, by weight or by items that are done altogether."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Params, Records, Row, check_columns, divide
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.words import condition, term


class Plan(Params):
    """Rows of a fact, each a milestone of an `item` with a `weight`, done on the day `done`."""

    fact: Fact
    where: str = ""
    item: str
    weight: str
    done: str

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.item, self.weight, self.done), self.where, info)
        return self


class MilestonesParams(Params):
    """`take: weight`: Σ weight of milestones done ÷ Σ weight. `take: items`: items with all of theirs done ÷ items."""

    of: Plan
    take: Literal["weight", "items"]

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return term("milestone", language) if self.take == "weight" else ""


def build(params: MilestonesParams, context: Context) -> ir.Table:
    """numerator of denominator is done; n is the milestones or items of the plan.

    All of the plan counts on every day: what was added to it later restates the days before.
    """
    rows, spine = _parts(params, context), context.spine
    first, after = (ibis.literal(day, "int64") for day in (spine.days[0].index, spine.days[-1].index + 1))
    zero, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    happened = rows.filter(spine.has_happened(rows.done_day))
    done = rolling.in_view(happened, [spine.known_from(happened.done_day)], [after], spine, ["weight"])
    done = done.select("enter", "exit", numerator=done.weight, denominator=zero, n=zero)
    listed = rows.select(enter=first, exit=after, numerator=zero, denominator=rows.weight, n=one)
    return rolling.sums(ibis.union(listed, done), ["numerator", "denominator", "n"], spine)


def _parts(params: MilestonesParams, context: Context) -> ir.Table:
    """weight and done_day of each milestone, or of each item: 1, and the day on which the last of its was done."""
    of = params.of
    table = where.keep(context.facts[of.fact], of.where)
    if params.take == "weight":
        return table.select(weight=table[of.weight].cast("int64"), done_day=context.spine.day_of(table[of.done]))
    days = table.select(of.item, done_day=context.spine.day_of(table[of.done]))
    items = days.group_by(of.item).agg(open=days.done_day.isnull().sum(), last=days.done_day.max())
    return items.select(
        weight=ibis.literal(1, "int64"), done_day=ibis.ifelse(items.open == 0, items["last"], ibis.null("int64"))
    )


def finish(row: Row, params: MilestonesParams, context: Context) -> Outcome:
    """Weights are hundredths when their column says so."""
    places = -2 if params.take == "weight" and params.of.weight.endswith("_e2") else 0
    outcome = divide(row, params, context)
    done, listed = Decimal(row["numerator"]).scaleb(places), Decimal(row["denominator"]).scaleb(places)
    return Outcome(outcome.value, done, listed, outcome.n)


def records(params: MilestonesParams, context: Context) -> Iterable[Records]:
    """The milestones done, and all of them."""
    of, spine = params.of, context.spine
    table = where.keep(context.facts[of.fact], of.where)
    happened = table.filter(spine.has_happened(table[of.done]))
    done = rolling.in_view(happened, [spine.known_from(happened[of.done])], [], spine, table.columns)
    yield Records("numerator", of.fact, done.drop("enter", "exit"))
    yield Records("denominator", of.fact, table)


def words(params: MilestonesParams, language: str) -> str:
    noun = f"{term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()
    if params.take == "weight":
        done = "gewicht van afgeronde ÷ van alle" if language == "nl" else "weight of finished ÷ of all"
        return f"{done} {noun}"
    done = "onderdelen met alles klaar ÷ onderdelen" if language == "nl" else "items with all done ÷ items"
    return f"{done}: {noun}"


MILESTONES = Kind("milestones", MilestonesParams, build, records, finish, words)
