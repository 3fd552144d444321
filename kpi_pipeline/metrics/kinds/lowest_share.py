"""lowest_share: the share of the entity that is worst off, e.g. of the pilot with the fewest teachers at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.metrics import rolling
from kpi_pipeline.metrics.kinds.base import Context, Kind, Params, Records, divide
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.side import Rows, side_records, spans
from kpi_pipeline.metrics.spine import Spine
from kpi_pipeline.metrics.windows import Shape, Window
from kpi_pipeline.metrics.words import side_in_words, term

STANDING = Window(Shape.INSTANT)


class Members(Rows):
    """Different values of the column `distinct` of each entity, by the column `per`."""

    per: str
    distinct: str

    def named_columns(self) -> list[str]:
        return [*super().named_columns(), self.per, self.distinct]


class LowestShareParams(Params):
    """`seen` ÷ `members` of each entity that has members, the lowest of them: members are those at the end of the day,
    since `time` and until `until`; seen are those that the window shows, and must be members too."""

    seen: Members
    members: Members

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return term(self.members.per, language)


def build(params: LowestShareParams, context: Context) -> ir.Table:
    """numerator and denominator of the entity with the lowest share, the largest of equals; n = entities looked at."""
    some = _members(params.seen, context, "some")
    every = _members(params.members, _at_day_end(context), "every")
    beside = every.left_join(some, ["day_index", "entity"])
    shares = beside.select(
        day_index=every.day_index, entity=every.entity, some=ibis.coalesce(some.some, 0), every=every.every
    )
    worst_first = ibis.window(
        group_by="day_index",
        order_by=[shares.some.cast("float64") / shares.every, ibis.desc(shares.every), shares.entity],
    )
    ranked = shares.mutate(
        place=ibis.row_number().over(worst_first),
        n=shares.entity.count().over(ibis.window(group_by="day_index")).cast("int64"),
    )
    whole = for_every_day(ranked.filter(ranked.place == 0), context, "some", "every", "n")
    return whole.select(
        "day_index",
        numerator=ibis.coalesce(whole.some, 0),
        denominator=ibis.coalesce(whole.every, 0),
        n=ibis.coalesce(whole.n, 0),
    )


def _members(side: Members, context: Context, name: str) -> ir.Table:
    """Per business day and entity how many members are in view: day_index, entity and `name`."""
    rows = spans(side, context, [side.per, side.distinct]).rename(entity=side.per, member=side.distinct)
    rows = rolling.once_per(rows.filter(rows.entity.notnull() & rows.member.notnull()), "entity", "member")
    seen = rolling.day_by_day(rows, context.spine)
    return seen.group_by("day_index", "entity").agg(**{name: seen.count().cast("int64")})


def _at_day_end(context: Context) -> Context:
    spine = context.spine
    standing = Spine(spine.first, spine.last, STANDING, zone=spine.zone, now=spine.now, settle=spine.settle)
    return replace(context, spine=standing)


def records(params: LowestShareParams, context: Context) -> Iterable[Records]:
    """The rows of every entity: which one is the worst shows by comparing them."""
    yield from side_records({"numerator": [params.seen]}, context)
    yield from side_records({"denominator": [params.members]}, _at_day_end(context))


def words(params: LowestShareParams, language: str) -> str:
    entity, member = term(params.members.per, language), term(params.members.distinct, language)
    some, every = side_in_words(params.seen, language), side_in_words(params.members, language)
    if language == "nl":
        return f"{member} met {some} ÷ {member} met {every}, per {entity}, het laagste"
    return f"{member} with {some} ÷ {member} with {every}, by {entity}, the lowest"


LOWEST_SHARE = Kind("lowest_share", LowestShareParams, build, records, divide, words)
