"""What a kind is: a model of its parameters, and how they and the facts become one expression for many days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import ibis.expr.types as ir
from pydantic import BeforeValidator, ValidationInfo

from kpi_pipeline.catalogue.model import Company, Kpi, Parameters
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.metrics import where
from kpi_pipeline.metrics.spine import Spine

# Reasons of a null value that is good news rather than missing data.
NOTHING_WAITED, NONE_OPEN, NO_BURN = "nothing_waited", "none_open", "no_burn"
# Reasons of a value that must not be trusted any more, and of a grade that the KPI does not list.
OUTDATED, UNLISTED = "outdated", "unlisted"
# Reason of a null value of time that no load has asked the source for.
NOT_LOADED = "not_loaded"


Row = Mapping[str, Any]


class Params(Parameters):
    """Base of the parameters of a kind, and of their parts; a key nobody knows is a fault."""

    @property
    def only_rises(self) -> bool:
        """Whether the value of a running period can only go up, so that a bad one is final already."""
        return False


@dataclass(frozen=True, slots=True)
class Context:
    """What a kind may look at. Of another KPI `measure_of` gives the columns for the same days, to join; `outcomes_of`
    the finished values of the days from one to another, those that have not begun left out."""

    company: Company
    kpi: Kpi
    facts: Mapping[str, ir.Table]
    spine: Spine
    measure_of: Callable[[str], ir.Table]
    outcomes_of: Callable[[str, date, date], Mapping[date, Outcome]]
    scale: Fraction


@dataclass(frozen=True, slots=True)
class Records:
    """The fact rows behind one side of a value on one day."""

    side: str
    fact: str
    rows: ir.Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value before rounding, with what it was divided from; `reason` says why there is none."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    reason: str | None = None


Finish = Callable[[Row, Any, Context], Outcome]


@dataclass(frozen=True, slots=True)
class Kind:
    """`build` gives day_index, numerator, denominator, n and what else `finish` reads, a row for every business day.

    `records` gives the rows behind the value of the only day of the context's spine.
    """

    name: str
    params: type[Params]
    build: Callable[[Any, Context], ir.Table]
    records: Callable[[Any, Context], Iterable[Records]]
    finish: Finish
    words: Callable[[Any, str], str]


@dataclass(frozen=True, slots=True)
class DerivedKind:
    """A kind that reads other KPIs and no fact: `outcomes` gives the value of every day of the context's spine.

    `looks_at` says which days of which KPIs the value of a day comes from.
    """

    name: str
    params: type[Params]
    outcomes: Callable[[Any, Context], Mapping[date, Outcome]]
    words: Callable[[Any, str], str]
    looks_at: Callable[[Any, date], Iterable[tuple[str, date]]]


def divide(row: Row, _: Any, context: Context) -> Outcome:
    """numerator / denominator × scale in 28 digits; a zero or missing denominator gives no value, never 0."""
    numerator, denominator, reason = exact(row["numerator"]), exact(row["denominator"]), row.get("reason")
    value = None
    if reason is None and denominator:
        value = scaled(numerator, context.scale) / denominator
    return Outcome(value, numerator, denominator, row["n"], reason)


def total(row: Row, _: Any, context: Context) -> Outcome:
    """numerator × scale; there is no denominator and 0 is a value."""
    numerator = exact(row["numerator"])
    return Outcome(scaled(numerator, context.scale), numerator, None, row["n"])


def level(row: Row, _: Any, context: Context) -> Outcome:
    """numerator × scale of a stock of n items; nothing on record is no value, not 0."""
    numerator = exact(row["numerator"]) if row["n"] else None
    value = None if numerator is None else scaled(numerator, context.scale)
    return Outcome(value, numerator, None, row["n"], row.get("reason"))


def quantile(row: Row, _: Any, context: Context) -> Outcome:
    """numerator / denominator × scale, which is where between two records the value lies and nothing to publish."""
    outcome = divide(row, _, context)
    return replace(outcome, numerator=None, denominator=None)


def given(row: Row, _: Any, __: Context) -> Outcome:
    """The value as the engine found it; numerator of denominator parts of the window had data."""
    parts = exact(row["numerator"]), exact(row["denominator"])
    return Outcome(exact(row["value"]), *parts, row["n"], row.get("reason"))


def exponent(column: str) -> int | None:
    """2 for a column of hundredths of its own unit (`score_e2`), None for one in whole units."""
    match = re.search(r"_e(\d)$", column)
    return None if match is None else int(match[1])


def scaled(number: Decimal, scale: Fraction) -> Decimal:
    return number * scale.numerator / scale.denominator


def exact(number: float | None) -> Any:
    """A Decimal of the digits a number prints with; None stays None."""
    return None if number is None else Decimal(repr(number))


def check_fact(fact: str, info: ValidationInfo) -> str:
    """Refuses a fact that does not exist, when the loader has said which do."""
    known = (info.context or {}).get("facts")
    if known is not None and fact not in known:
        hint = did_you_mean(fact, known) or f"; facts are {', '.join(sorted(known))}"
        raise ValueError(f"there is no fact {fact!r}{hint}")
    return fact


def check_columns(fact: str, names: Iterable[str], condition: str, info: ValidationInfo) -> None:
    """Refuses columns the fact lacks and conditions outside the language."""
    where.parse(condition) if condition else None
    known = (info.context or {}).get("facts")
    if known is None or fact not in known:
        return
    for name in names:
        where.check_column(name, fact, known[fact])
    if condition:
        where.check(condition, fact, known[fact])


def listed(raw: object) -> object:
    """One name or a list of names → tuple."""
    if raw is None:
        return ()
    return (raw,) if isinstance(raw, str) else raw


Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
