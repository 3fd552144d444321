"""per_entity: the share of entities that have enough different things, e.g. users who tried three features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import ibis
import ibis.expr.types as ir
from pydantic import Field

from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, divide
from kpi_pipeline.metrics.kinds.side import Rows, side_records, spans
from kpi_pipeline.metrics.words import side_in_words, term


class Entities(Rows):
    """Entities, by the column `per`, of which the window shows a row."""

    per: str

    def named_columns(self) -> list[str]:
        return [*super().named_columns(), self.per]


class Things(Entities):
    """Entities of which the window shows at least `at_least` different values of the column `distinct`."""

    distinct: str
    at_least: Annotated[int, Field(ge=1)]

    def named_columns(self) -> list[str]:
        return [*super().named_columns(), self.distinct]


class PerEntityParams(Params):
    """`having` ÷ `among`; who is not among them does not count, whatever it has."""

    having: Things
    among: Entities


def build(params: PerEntityParams, context: Context) -> ir.Table:
    """numerator = entities that have enough and are among, denominator = n = entities among."""
    states = _states(params, context)
    last = context.spine.days[-1].index + 1
    until = states.enter.lead().over(ibis.window(group_by="entity", order_by="enter"))
    held = states.mutate(exit=until.coalesce(last)).filter(states.among > 0)
    enough = ibis.ifelse(held.things >= params.having.at_least, 1, 0).cast("int64")
    counted = held.select("enter", "exit", numerator=enough, denominator=ibis.literal(1, "int64"))
    return rolling.sums(counted, ["numerator", "denominator"], context.spine).mutate(n=lambda t: t.denominator)


def _states(params: PerEntityParams, context: Context) -> ir.Table:
    """entity, enter (the first day of a state), things and among: how many of each are in view from then on."""
    having, among = params.having, params.among
    things = spans(having, context, [having.per, having.distinct])
    things = things.rename(entity=having.per, thing=having.distinct)
    things = rolling.once_per(things.filter(things.entity.notnull() & things.thing.notnull()), "entity", "thing")
    there = spans(among, context, [among.per]).rename(entity=among.per)
    there = rolling.once_per(there.filter(there.entity.notnull()), "entity")
    steps = ibis.union(*_steps(things, things=1, among=0), *_steps(there, things=0, among=1))
    daily = steps.group_by("entity", "enter").agg(
        things=steps.things.sum().cast("int64"), among=steps.among.sum().cast("int64")
    )
    to_here = ibis.window(group_by="entity", order_by="enter", preceding=None, following=0)
    return daily.select(
        "entity", "enter", things=daily.things.sum().over(to_here), among=daily.among.sum().over(to_here)
    )


def _steps(rows: ir.Table, **weights: int) -> list[ir.Table]:
    """What enters and what leaves, day by day."""
    into = {name: ibis.literal(weight, "int64") for name, weight in weights.items()}
    out = {name: ibis.literal(-weight, "int64") for name, weight in weights.items()}
    return [rows.select("entity", "enter", **into), rows.select("entity", enter="exit", **out)]


def records(params: PerEntityParams, context: Context) -> Iterable[Records]:
    return side_records({"having": [params.having], "among": [params.among]}, context)


def words(params: PerEntityParams, language: str) -> str:
    entity, thing = term(params.having.per, language), term(params.having.distinct, language)
    having, among = side_in_words(params.having, language), side_in_words(params.among, language)
    if language == "nl":
        return f"{entity} met minstens {params.having.at_least} {thing} in {having} ÷ {entity} met {among}"
    return f"{entity} with at least {params.having.at_least} {thing} in {having} ÷ {entity} with {among}"


PER_ENTITY = Kind("per_entity", PerEntityParams, build, records, divide, words)
