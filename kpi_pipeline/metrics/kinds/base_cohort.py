"""base_cohort: what became, by the end of the window, of what entities held at a base before it.

Retention and churn against a fixed reference, against 12 months ago, or within a month; and the movements of a month.
For one entity with `base` then and `now` at the end, the first that holds (C7; others test expansion before
reactivation and never see one): base = 0 and now > 0 is new if it never held any before the base, else reactivated;
base > 0 and now = 0 is lost; now > base is expansion, now < base contraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Self

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.quantity import Pair, of_sides
from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Outcome, Records, Row, divide, listed, total
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
from kpi_pipeline.metrics.windows import Shape
from kpi_pipeline.metrics.words import condition, term

# Measure → (when it counts, how much), of one entity.
When = Callable[[ir.Table], ir.BooleanValue]
HowMuch = Callable[[ir.Table], ir.IntegerValue]
MEASURES: dict[str, tuple[When, HowMuch]] = {
    "base": (lambda t: t.base > 0, lambda t: t.base),
    "now": (lambda t: t.now > 0, lambda t: t.now),
    "retained": (lambda t: (t.base > 0) & (t.now > 0), lambda t: t.now),
    "retained_capped": (lambda t: (t.base > 0) & (t.now > 0), lambda t: ibis.least(t.base, t.now)),
    "lost": (lambda t: (t.base > 0) & (t.now <= 0), lambda t: t.base - t.now),
    "gained": (lambda t: (t.base <= 0) & (t.now > 0), lambda t: t.now - t.base),
    "new": (lambda t: (t.base <= 0) & (t.now > 0) & (t.earlier == 0), lambda t: t.now - t.base),
    "reactivated": (lambda t: (t.base <= 0) & (t.now > 0) & (t.earlier > 0), lambda t: t.now - t.base),
    "expansion": (lambda t: (t.base > 0) & (t.now > t.base), lambda t: t.now - t.base),
    "contraction": (lambda t: (t.now > 0) & (t.now < t.base), lambda t: t.base - t.now),
    "net_of_survivors": (lambda t: (t.base > 0) & (t.now > 0), lambda t: t.now - t.base),
    "net_change": (lambda t: t.now != t.base, lambda t: t.now - t.base),
}
COUNT = "_count"
NAMES = (*MEASURES, *(name + COUNT for name in MEASURES if name != "retained_capped"))
NEED_FIRST = {name + end for name in ("new", "reactivated") for end in ("", COUNT)}


def check_measures(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name.removeprefix("-") not in NAMES:
            raise ValueError(f"{name!r} is no measure of a cohort; they are {', '.join(NAMES)}, with - to take off")
    return names


Measures = Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(check_measures)]


class BaseCohortParams(Changes):
    """`measure` (several add up, one with - is taken off), ÷ `over` where that is given.

    `base`: 'start of window', 'N days|months|years ago' from the end of the window, or a date (its end). `first` is the
    column with the first instant of an entity, which tells new from reactivated. `moving`: only these changes count
    after the base, for movements without exchange rates (`reason = 'subscription'`); right within one calendar month.
    """

    base: Base
    measure: Annotated[Measures, Field(min_length=1)]
    over: Measures = ()
    first: str | None = None
    moving: str = ""

    def further_columns(self) -> list[str]:
        return [] if self.first is None else [self.first]

    @property
    def counts_from_a_fixed_day(self) -> bool:
        return is_fixed(self.base)

    def divided(self, company: Company) -> Pair | None:
        """A measure is an amount of what changes, or counts entities."""
        above, below = (
            {"" if name.endswith(COUNT) else self.change for name in names} for names in (self.measure, self.over)
        )
        return of_sides(above, below, company.currency)

    @model_validator(mode="after")
    def _knows_the_first(self) -> Self:
        asked = {name.removeprefix("-") for name in (*self.measure, *self.over)}
        if asked & NEED_FIRST and self.first is None:
            raise ValueError(f"{', '.join(sorted(asked & NEED_FIRST))} needs `first`, the entity's first instant")
        return self


def build(params: BaseCohortParams, context: Context) -> ir.Table:
    """numerator and denominator sum the measures; n = entities in the denominator, without one in the numerator."""
    rows = _cohort(params, context)
    numerator, denominator = _sum(params.measure, rows), _sum(params.over, rows)
    counted = rows.select(
        "enter",
        "exit",
        numerator=numerator,
        denominator=denominator,
        n=ibis.ifelse(_any(params.over or params.measure, rows), 1, 0).cast("int64"),
    )
    return rolling.sums(counted, ["numerator", "denominator", "n"], context.spine)


def _cohort(params: BaseCohortParams, context: Context) -> ir.Table:
    """per, [enter, exit), base, now, earlier (above 0: held something up to the base)."""
    spine, per = context.spine, params.per
    if params.moving and not _within_a_month(context):
        raise ValueError(f"{context.kpi.id}: `moving` needs a window within one calendar month, like 'calendar month'")
    rows = happened(params, context)
    moves = where.translate(params.moving, rows) if params.moving else ibis.literal(True)
    rows = rows.mutate(_move=ibis.ifelse(moves, rows["_change"], 0).cast("int64"))
    none = ibis.literal(0, "int64")
    at_base = base_day(params.base, spine)
    later = entering(rows, last_day(spine), spine)
    before = entering(rows, at_base, spine)
    parts = [
        later.select(*per, "enter", base=none, moved=later["_move"], earlier=none),
        before.select(*per, "enter", base=before["_change"], moved=-before["_move"], earlier=none),
    ]
    if params.first is not None:
        firsts = rows.group_by(*per).agg(_first=rows[params.first].min())
        firsts = firsts.mutate(_day=local_day(firsts["_first"], context.company.zone))
        known = entering(firsts, at_base, spine)
        parts.append(known.select(*per, "enter", base=none, moved=none, earlier=ibis.literal(1, "int64")))
    found = spans(ibis.union(*parts), per, ["base", "moved", "earlier"], spine)
    return found.mutate(now=found.base + found.moved)


def _within_a_month(context: Context) -> bool:
    window = context.spine.window
    whole = window.shape is Shape.COMPLETE_MONTHS and window.length == 1
    return whole or (window.shape is Shape.CALENDAR and window.unit in ("day", "month"))


def _sum(names: Iterable[str], rows: ir.Table) -> ir.IntegerValue:
    result: Any = ibis.literal(0, "int64")
    for name in names:
        plain = name.removeprefix("-")
        when, how_much = MEASURES[plain.removesuffix(COUNT)]
        amount = ibis.literal(1, "int64") if plain.endswith(COUNT) else how_much(rows)
        weight = ibis.ifelse(when(rows), amount, 0).cast("int64")
        result = result - weight if name.startswith("-") else result + weight
    return result.cast("int64")


def _any(names: Iterable[str], rows: ir.Table) -> ir.BooleanValue:
    result: ir.BooleanValue = ibis.literal(False)
    for name in names:
        result = result | MEASURES[name.removeprefix("-").removesuffix(COUNT)][0](rows)
    return result


def finish(row: Row, params: BaseCohortParams, context: Context) -> Outcome:
    return (divide if params.over else total)(row, params, context)


def records(params: BaseCohortParams, context: Context) -> Iterable[Records]:
    """The changes between the base and the end of the window."""
    rows = happened(params, context)
    entered = entering(rows, last_day(context.spine), context.spine)
    known = entering(rows, base_day(params.base, context.spine), context.spine)
    own = ("_day", "_change", "_known_day", "enter")
    yield Records("change", params.fact, entered.drop(*own).difference(known.drop(*own), distinct=False))


WORDS = {
    "base": ("stand op het ijkpunt", "balance at the base"),
    "now": ("stand nu", "balance now"),
    "retained": ("stand nu van wie toen al had", "balance now of those who had any"),
    "retained_capped": ("behouden deel van de stand", "part of the balance that was kept"),
    "lost": ("stand van wie niets meer heeft", "balance of those who have none left"),
    "gained": ("stand nu van wie niets had", "balance now of those who had none"),
    "new": ("stand nu van wie nooit had", "balance now of those who never had any"),
    "reactivated": ("stand nu van wie terugkwam", "balance now of those who came back"),
    "expansion": ("groei", "expansion"),
    "contraction": ("krimp", "contraction"),
    "net_of_survivors": ("groei min krimp van wie bleef", "expansion less contraction of those who stayed"),
    "net_change": ("verandering", "change"),
}


def words(params: BaseCohortParams, language: str) -> str:
    text = _named(params.measure, language)
    text += f" ÷ {_named(params.over, language)}" if params.over else ""
    per = "per" if language == "nl" else "by"
    whose = " × ".join(term(name, language) for name in params.per)
    since = {"nl": "ijkpunt", "en": "base"}[language]
    detail = [f"{per} {whose}", f"{since}: {base_in_words(params.base, language)}", condition(params.where, language)]
    return f"{text} ({'; '.join(filter(None, detail))})"


def _named(names: Iterable[str], language: str) -> str:
    text = ""
    for name in names:
        plain = name.removeprefix("-")
        word = WORDS[plain.removesuffix(COUNT)][language == "en"]
        sign = " − " if name.startswith("-") else " + "
        count = {"nl": "aantal: ", "en": "number: "}[language] if plain.endswith(COUNT) else ""
        text += (sign if text else sign.strip(" +")) + count + word
    return text


BASE_COHORT = Kind("base_cohort", BaseCohortParams, build, records, finish, words)
