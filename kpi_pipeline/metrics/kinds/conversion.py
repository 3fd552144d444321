"""conversion: of the records that started in the window, the share that reached an event within N days.

A cohort view: both parts are the same records, so it never exceeds 100 %. With a window that ended N days ago every
record has had its N days; with `settles_after` the running ones are provisional until they have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import le, lt
from typing import Annotated

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator

from kpi_pipeline.catalogue.entry import parse_span
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import Context, Kind, Names, Records, divide
from kpi_pipeline.metrics.kinds.side import OfRows, spans, with_span
from kpi_pipeline.metrics.words import side_in_words, span_in_words, term

WITHIN = re.compile(r"(<=|<)\s*(\d+ \w+)")
OPERATORS = {"<": lt, "<=": le}


def check_within(text: str) -> str:
    limit(text)
    return text


def limit(text: str) -> tuple[str, int]:
    """'< 30 days' → ('<', milliseconds of exactly 30 × 24 h)."""
    match = WITHIN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"within {text!r}: write '< 30 days' or '<= 14 days'")
    length = parse_span(match[2])
    if not isinstance(length, timedelta):
        raise ValueError(f"within {text!r}: {match[2]!r} is not a span")
    return match[1], length // timedelta(milliseconds=1)


class ConversionParams(OfRows):
    """`of.time` starts a record, `converted` is the event; `converted_until` undoes it (a full refund)."""

    converted: str
    within: Annotated[str, AfterValidator(check_within)]
    converted_until: Names = ()

    def further_columns(self) -> list[str]:
        return [self.converted, *self.converted_until]


def build(params: ConversionParams, context: Context) -> ir.Table:
    """denominator = n = records started, numerator = those that converted in time and as known on the day."""
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    started = spans(params.of, context, []).select("enter", "exit", numerator=none, denominator=one)
    converted = _converted(params, context, []).select("enter", "exit", numerator=one, denominator=none)
    daily = rolling.sums(ibis.union(started, converted), ["numerator", "denominator"], context.spine)
    return daily.mutate(n=daily.denominator)


def _converted(params: ConversionParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    of = params.of
    operator, milliseconds = limit(params.within)
    table = where.keep(context.facts[of.fact], of.where)
    took = table[params.converted] - table[of.time]
    return with_span(
        table.filter(took >= 0, OPERATORS[operator](took, milliseconds)),
        context.spine,
        of.time,
        known=(*of.known, params.converted),
        until=(*of.until, *params.converted_until),
        columns=columns,
    )


def records(params: ConversionParams, context: Context) -> Iterable[Records]:
    yield Records("numerator", params.of.fact, _converted(params, context).drop("enter", "exit"))
    yield Records("denominator", params.of.fact, spans(params.of, context).drop("enter", "exit"))


def words(params: ConversionParams, language: str) -> str:
    operator, milliseconds = limit(params.within)
    span = span_in_words(milliseconds, language)
    base = side_in_words(params.of, language)
    event = term(params.converted, language)
    return f"{base} {term('with', language)} {event} {operator} {span} ÷ {base}"


CONVERSION = Kind("conversion", ConversionParams, build, records, divide, words)
