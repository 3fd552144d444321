"""Balances of entities as sums of their changes, at the end of the window and at a base before it, for many days.

Only days on which something changes are looked at: an entity's changes enter its balance now on their own day, and its
balance at the base on the first business day whose base lies behind them. Sorted running sums of both give spans of
days on which nothing about the entity changes (a row a day and customer took 25 to 63 times as long).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Annotated, Self

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from kpi_pipeline.catalogue.display import day_text
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.facts.local_time import local_day
from kpi_pipeline.metrics import where
from kpi_pipeline.metrics.kinds.base import Context, Params, check_columns, listed
from kpi_pipeline.metrics.kinds.side import Fact
from kpi_pipeline.metrics.spine import Spine, is_day
from kpi_pipeline.metrics.windows import Shape, add_months, day_index
from kpi_pipeline.metrics.words import term

DAY = timedelta(days=1)
AGO = re.compile(r"(\d+) (day|month|year)s? ago")
START_OF_WINDOW = "start of window"
BEFORE_ALL = date(2000, 1, 1)


class Changes(Params):
    """Changes of something that entities (`per`) hold: `change` was added `at` an instant or day."""

    fact: Fact
    where: str = ""
    per: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]
    change: str
    at: str

    def further_columns(self) -> list[str]:
        return []

    def n_in_words(self, company: Company, language: str) -> str | None:  # noqa: ARG002 - of kinds that look at it
        return " × ".join(term(name, language) for name in self.per)

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (*self.per, self.change, self.at, *self.further_columns()), self.where, info)
        return self


def is_fixed(base: str) -> bool:
    """Whether it is a date, and not a day that moves along with the window."""
    return base != START_OF_WINDOW and AGO.fullmatch(base) is None


def check_base(base: str) -> str:
    if is_fixed(base):
        try:
            date.fromisoformat(base)
        except ValueError:
            raise ValueError(f"base {base!r}: write 'start of window', '12 months ago' or '2025-06-30'") from None
    return base


def base_in_words(base: str, language: str) -> str:
    """'12 maanden eerder', '30 juni 2025'"""
    if base == START_OF_WINDOW:
        return {"nl": "begin van het venster", "en": base}[language]
    match = AGO.fullmatch(base)
    if match is None:
        return day_text(date.fromisoformat(base), language)
    units = {"day": "dagen", "month": "maanden", "year": "jaar"}
    return f"{match[1]} {units[match[2]]} eerder" if language == "nl" else base


Base = Annotated[str, BeforeValidator(str), AfterValidator(check_base)]


def last_day(spine: Spine) -> Callable[[date], date]:
    """Business day → the last local day whose changes count in its balance now."""
    if spine.window.shape is Shape.SECONDS:
        raise ValueError("balances are kept by the day: a window of exact seconds has none")
    return lambda day: spine.window.end_day(day) - DAY


def base_day(base: str, spine: Spine) -> Callable[[date], date]:
    """Business day → the last local day whose changes count in its balance at the base.

    N months ago is the day of the same number, or the last day of a shorter month. Before a date nothing is held there.
    """
    if base == START_OF_WINDOW:
        return lambda day: spine.window.first_day(day) - DAY
    now = last_day(spine)
    match = AGO.fullmatch(base)
    if match is None:
        fixed = date.fromisoformat(base)
        return lambda day: fixed if now(day) >= fixed else BEFORE_ALL
    count, unit = int(match[1]), match[2]
    if unit == "day":
        return lambda day: now(day) - count * DAY
    return lambda day: _months_before(now(day), count * (12 if unit == "year" else 1))


def _months_before(day: date, months: int) -> date:
    first = add_months(day.replace(day=1), -months)
    return min(first + (day.day - 1) * DAY, add_months(first, 1) - DAY)


def happened(changes: Changes, context: Context) -> ir.Table:
    """The rows that have happened, with the local day as `_day` and the amount as `_change`."""
    table = where.keep(context.facts[changes.fact], changes.where)
    rows = table.filter(context.spine.has_happened(table[changes.at]))
    return rows.mutate(_day=day_of(rows[changes.at], context), _change=rows[changes.change].cast("int64"))


def day_of(column: ir.Column, context: Context) -> ir.IntegerValue:
    """The local day, exact for any year: what counts at a base may lie long before the windows that a spine knows."""
    return column if is_day(column.get_name()) else local_day(column, context.company.zone)


def entering(rows: ir.Table, axis: Callable[[date], date], spine: Spine) -> ir.Table:
    """`rows` with `enter`: the first business day that counts what happened on `_day`; those no day counts left out."""
    first = day_index(axis(spine.first))
    steps, known = [], first - 1
    for day in spine.days:
        reached = day_index(axis(day.day))
        steps += [(number, day.index) for number in range(known + 1, reached + 1)]
        known = max(known, reached)
    days = Spine.rows(("_known_day", "enter"), steps)
    rows = rows.mutate(_known_day=ibis.greatest(rows["_day"], ibis.literal(first, "int64")))
    return rows.join(days, "_known_day")


def spans(steps: ir.Table, per: Sequence[str], columns: Sequence[str], spine: Spine) -> ir.Table:
    """Steps (per, enter, int64 columns) → spans [enter, exit) of business days with the sums of all steps so far."""
    daily = steps.group_by(*per, "enter").agg(**{name: steps[name].sum().cast("int64") for name in columns})
    so_far = ibis.cumulative_window(group_by=list(per), order_by="enter")
    following = ibis.window(group_by=list(per), order_by="enter")
    return daily.select(
        *per,
        "enter",
        exit=daily.enter.lead().over(following).coalesce(spine.days[-1].index + 1),
        **{name: daily[name].sum().over(so_far).cast("int64") for name in columns},
    )
