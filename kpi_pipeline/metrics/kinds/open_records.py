"""open_records: what is open at the end of the day: how many, or how old the oldest is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import ValidationInfo, model_validator

from kpi_pipeline.catalogue.model import Duration
from kpi_pipeline.metrics import rolling, where
from kpi_pipeline.metrics.kinds.base import (
    NONE_OPEN,
    Context,
    Kind,
    Names,
    Outcome,
    Params,
    Records,
    Row,
    check_columns,
    level,
    total,
)
from kpi_pipeline.metrics.kinds.days import for_every_day
from kpi_pipeline.metrics.kinds.elapsed import Clock
from kpi_pipeline.metrics.kinds.side import Fact, with_span
from kpi_pipeline.metrics.spine import DAY_MS, is_day
from kpi_pipeline.metrics.words import condition, span_in_words, term


class Spans(Params):
    """Open from `opened` until the first of `closed` (null: still); `longer_than` leaves out the time before that."""

    fact: Fact
    where: str = ""
    opened: str
    closed: Names
    longer_than: Duration = timedelta(0)

    @model_validator(mode="after")
    def _columns_exist(self, info: ValidationInfo) -> Self:
        check_columns(self.fact, (self.opened, *self.closed), self.where, info)
        return self


class OpenRecordsParams(Params):
    """How many, or the age of the oldest, counted from `since`: an instant, or a local day, then in whole days.

    The age is measured on the 24-hour clock ('elapsed') or on a working calendar of the company.
    """

    of: Spans
    take: Literal["count", "oldest_age"]
    since: str | None = None
    clock: str = "elapsed"

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if (self.take == "oldest_age") != (self.since is not None):
            raise ValueError("`since` goes with `take: oldest_age`, and that needs it")
        if self.clock != "elapsed" and (self.since is None or is_day(self.since)):
            raise ValueError("a `clock` goes with an age since an instant")
        check_columns(self.of.fact, filter(None, (self.since,)), "", info)
        return self


def build(params: OpenRecordsParams, context: Context) -> ir.Table:
    """count: numerator = n. oldest_age: numerator = ms since the oldest; none open is a reason."""
    rows = _open(params, context, [] if params.since is None else [params.since])
    if params.since is None:
        counted = rows.select("enter", "exit", numerator=ibis.literal(1, "int64"))
        daily = rolling.sums(counted, ["numerator"], context.spine)
        return daily.mutate(n=daily.numerator)
    seen = rolling.day_by_day(rows, context.spine)
    oldest = seen.group_by("day_index").agg(oldest=seen[params.since].min(), n=seen.count().cast("int64"))
    whole = Clock(params.clock, context).so_far(for_every_day(oldest, context, "oldest", "n"), "oldest")
    age = (whole.day_index - whole.oldest) * DAY_MS if is_day(params.since) else whole.so_far_ms
    return whole.select(
        "day_index",
        numerator=age,
        n=ibis.coalesce(whole.n, 0),
        reason=ibis.ifelse(whole.n.isnull(), NONE_OPEN, ibis.null("string")),
    )


def _open(params: OpenRecordsParams, context: Context, columns: Sequence[str] | None = None) -> ir.Table:
    of = params.of
    table = where.keep(context.facts[of.fact], of.where)
    unit, name = (timedelta(days=1), "from_day") if is_day(of.opened) else (timedelta(milliseconds=1), "from_at")
    late = table.mutate(**{name: table[of.opened] + of.longer_than // unit})
    rows = with_span(late, context.spine, name, until=of.closed, columns=columns)
    return rows.drop(name) if columns is None else rows


def finish(row: Row, params: OpenRecordsParams, context: Context) -> Outcome:
    return (total if params.take == "count" else level)(row, params, context)


def records(params: OpenRecordsParams, context: Context) -> Iterable[Records]:
    yield Records("numerator", params.of.fact, _open(params, context).drop("enter", "exit"))


def words(params: OpenRecordsParams, language: str) -> str:
    noun = f"{term(params.of.fact, language)} {condition(params.of.where, language)}".rstrip()
    if params.of.longer_than:
        longer = "langer open dan" if language == "nl" else "open for longer than"
        noun += f", {longer} {span_in_words(params.of.longer_than // timedelta(milliseconds=1), language)}"
    if params.since is None:
        return noun
    oldest = "leeftijd van de oudste" if language == "nl" else "age of the oldest"
    return f"{oldest} ({term('from', language)} {term(params.since, language)}): {noun}"


OPEN_RECORDS = Kind("open_records", OpenRecordsParams, build, records, finish, words)
