"""KPI + facts → measurements: one Ibis expression for all days, one exact division at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.clock import from_epoch_ms
from kpi_pipeline.errors import UsageError
from kpi_pipeline.facts.backends import for_people
from kpi_pipeline.metrics import kinds, windows
from kpi_pipeline.metrics.kinds import base
from kpi_pipeline.metrics.spine import BusinessDay, Spine
from kpi_pipeline.metrics.uses import facts_of

DIGITS = Context(prec=28)
PLACES = Decimal("1e-12")
# What one unit is in the integers of the facts: shares and scores in hundredths, time in ms, money in minor units.
SCALE: dict[str, Fraction] = {
    "percent": Fraction(100),
    "points": Fraction(100),
    "seconds": Fraction(1, 1_000),
    "minutes": Fraction(1, 60_000),
    "hours": Fraction(1, 3_600_000),
    "days": Fraction(1, 86_400_000),
    "EUR": Fraction(1, 100),
    "USD": Fraction(1, 100),
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """The value of one KPI for one business day, unrounded but for the 12th decimal.

    The window is [period_start, period_end); `closed`: the day, and a calendar period, are over; `provisional`: the
    value may still change by its definition. No value has a `reason` unless data is simply missing. Of a graded KPI
    `value` is the rank of the grade and `text` its word.
    """

    day: date
    segment: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    period_start: datetime
    period_end: datetime
    closed: bool
    provisional: bool
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One fact row behind a value: which side it counts on, its columns, and those that are vendors' ids."""

    side: str
    fact: str
    fields: Mapping[str, Any]
    ids: Mapping[str, str]
    link: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one KPI was from one day to another."""

    first: date
    last: date
    by_day: Mapping[date, base.Outcome]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who entered a row of a register, as a hash, and when."""

    entered_by: str
    entered_at: datetime


IsUnread = Callable[[datetime, datetime], bool]


def nothing_unread(_: Kpi) -> IsUnread:
    """All time was read of every source."""
    return lambda _start, _end: False


class Engine:
    """Measures the KPIs of one company over its facts, as of `now`.

    `facts` are tables of `backend` by name; `links` maps a fact to the address of a record with its columns in braces,
    for example {'lead': 'https://app.hubspot.com/contacts/1/record/0-1/{lead_id}'}. `unread` says of a KPI for which
    windows [start, end) one of its sources was never asked: there it has no value, and formulas have none of it.
    """

    def __init__(
        self,
        backend: Any,
        facts: Mapping[str, ir.Table],
        company: Company,
        *,
        now: datetime,
        links: Mapping[str, str] | None = None,
        unread: Callable[[Kpi], IsUnread] = nothing_unread,
    ) -> None:
        self.backend, self.facts, self.company, self.now = backend, facts, company, now
        self.links = {} if links is None else links
        self._unread = unread
        self._kept: dict[str, _Kept] = {}
        self._spines: dict[tuple[date, date, str, timedelta], Spine] = {}
        self._signed: dict[tuple[str, date], Signed | None] = {}

    def measure(self, kpi: Kpi, first: date, last: date) -> list[Measurement]:
        """A measurement for every business day from `first` to `last` that has begun, in order.

        Raises UsageError when `first` lies after `last`.
        """
        spine = self.spine(kpi, first, last)
        if not spine.days:
            return []
        outcomes = self._outcomes(kpi, spine)
        moving = self._moving(kpi, spine)
        return [_measurement(day, outcomes[day.day], kpi, provisional=day.day in moving) for day in spine.days]

    def expression(self, kpi: Kpi, first: date, last: date) -> ir.Table:
        """The one expression behind `measure`: day_index, numerator, denominator, n and what the kind adds.

        Raises UsageError for a KPI that is computed from other KPIs: it has none of its own.
        """
        return self._build(self._context(kpi, self.spine(kpi, first, last)))

    def sql(self, kpi: Kpi, first: date, last: date) -> str:
        """The expression in the SQL of the backend; of a formula the statements of the KPIs that it names."""
        if isinstance(kinds.KINDS[kpi.kind], base.DerivedKind):
            named = [self.company.kpis[name] for name in references(kpi)]
            return "\n\n".join(f"-- {other.id}\n{self.sql(other, first, last)}" for other in named)
        expression = self.expression(kpi, first, last)
        with for_people():
            return str(ibis.to_sql(expression, dialect=self.backend.name))

    def contributors(self, kpi: Kpi, day: date, *, limit: int = 1_000) -> list[Contribution]:
        """The fact rows behind the value of one day, at most `limit` a side, in order of their columns.

        None for a formula: its numbers are those of the KPIs it names.
        """
        spine = self.spine(kpi, day, day)
        if not spine.days:
            return []
        kind = kinds.KINDS[kpi.kind]
        if isinstance(kind, base.DerivedKind):
            return []
        found = kind.records(kpi.params, self._context(kpi, spine))
        return [
            self._contribution(records, row)
            for records in found
            for row in self._rows(records.rows.order_by(records.rows.columns).limit(limit))
        ]

    def signed(self, kpi: Kpi, day: date) -> Signed | None:
        """The newest signature among the rows behind the value of one day that people filled in; None if none was.

        Of a formula the newest among the KPIs it names.
        """
        if (kpi.id, day) not in self._signed:
            self._signed[kpi.id, day] = self._newest_signed(kpi, day)
        return self._signed[kpi.id, day]

    def _newest_signed(self, kpi: Kpi, day: date) -> Signed | None:
        kind, spine = kinds.KINDS[kpi.kind], self.spine(kpi, day, day)
        if not spine.days or not any("entered_by" in self.facts[fact].columns for fact in facts_of(kpi, self.company)):
            return None
        if isinstance(kind, base.DerivedKind):
            parts = [self.signed(self.company.kpis[name], day) for name in references(kpi)]
        else:
            tables = [records.rows for records in kind.records(kpi.params, self._context(kpi, spine))]
            parts = [self._newest_signature(rows) for rows in tables if "entered_by" in rows.columns]
        return max((each for each in parts if each is not None), key=lambda each: each.entered_at, default=None)

    def _newest_signature(self, rows: ir.Table) -> Signed | None:
        signed = rows.filter(rows.entered_by.notnull(), rows.entered_at.notnull())
        newest = signed.order_by(ibis.desc("entered_at"), "entered_by").limit(1).select("entered_by", "entered_at")
        found = self._rows(newest)
        return Signed(found[0]["entered_by"], from_epoch_ms(found[0]["entered_at"])) if found else None

    def spine(self, kpi: Kpi, first: date, last: date) -> Spine:
        """The begun business days from `first` to `last`, seen through the KPI's window."""
        if first > last:
            raise UsageError(f"measuring {kpi.id}", f"{first} lies after {last}", remedy="Give the earlier day first")
        asked = (first, last, kpi.window, kpi.settles_after)
        if asked not in self._spines:
            window, zone = windows.parse(kpi.window), self.company.tz
            self._spines[asked] = Spine(first, last, window, zone=zone, now=self.now, settle=kpi.settles_after)
        return self._spines[asked]

    def _outcomes(self, kpi: Kpi, spine: Spine) -> Mapping[date, base.Outcome]:
        """The value of each day before rounding. Kept, because several formulas of a run may read one KPI."""
        if not spine.days:
            return {}
        kept = self._kept.get(kpi.id)
        if kept is not None and kept.first <= spine.first and spine.last <= kept.last:
            return kept.by_day
        context, kind = self._context(kpi, spine), kinds.KINDS[kpi.kind]
        with localcontext(DIGITS):
            if isinstance(kind, base.DerivedKind):
                found = kind.outcomes(kpi.params, context)
            else:
                rows = {row["day_index"]: row for row in self._rows(self._build(context))}
                found = {day.day: _finish(context, rows[day.index]) for day in spine.days}
        found = {**found, **self._not_loaded(kpi, spine)}
        self._kept[kpi.id] = _Kept(spine.first, spine.last, found)
        return found

    def _not_loaded(self, kpi: Kpi, spine: Spine) -> Mapping[date, base.Outcome]:
        nothing, is_unread = base.Outcome(None, None, None, 0, base.NOT_LOADED), self._unread(kpi)
        spans = {day.day: (from_epoch_ms(day.window_start_ms), from_epoch_ms(day.window_end_ms)) for day in spine.days}
        return {day: nothing for day, span in spans.items() if is_unread(*span)}

    def _moving(self, kpi: Kpi, spine: Spine) -> set[date]:
        """Days whose value may still change by its definition, or by that of what it is computed from: a formula of
        past months does not move with the running one."""
        own = {day.day for day in spine.days if day.provisional}
        kind = kinds.KINDS[kpi.kind]
        if not isinstance(kind, base.DerivedKind) or not spine.days:
            return own
        looked = {day.day: list(kind.looks_at(kpi.params, day.day)) for day in spine.days}
        moving: set[tuple[str, date]] = set()
        for name in references(kpi):
            seen = [back for found in looked.values() for of, back in found if of == name]
            other = self.company.kpis[name]
            moving |= {(name, day) for day in self._moving(other, self.spine(other, min(seen), max(seen)))}
        return own | {day for day, found in looked.items() if not moving.isdisjoint(found)}

    def _build(self, context: base.Context) -> ir.Table:
        kpi = context.kpi
        return _own_kind(kpi).build(kpi.params, context).order_by("day_index")

    def _context(self, kpi: Kpi, spine: Spine) -> base.Context:
        @cache
        def other(name: str) -> base.Context:
            kpi_ = self.company.kpis[name]
            return self._context(kpi_, self.spine(kpi_, spine.first, spine.last))

        def outcomes_of(name: str, first: date, last: date) -> Mapping[date, base.Outcome]:
            kpi_ = self.company.kpis[name]
            return self._outcomes(kpi_, self.spine(kpi_, first, last))

        return base.Context(
            company=self.company,
            kpi=kpi,
            facts=self.facts,
            spine=spine,
            measure_of=lambda name: self._build(other(name)),
            outcomes_of=outcomes_of,
            scale=SCALE.get(kpi.unit, Fraction(1)),
        )

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.backend.to_pyarrow(expression).to_pylist()
        return rows

    def _contribution(self, records: base.Records, row: Mapping[str, Any]) -> Contribution:
        ids = {name: str(value) for name, value in row.items() if name.endswith("_id") and value is not None}
        pattern = self.links.get(records.fact)
        link = pattern.format_map(row) if pattern is not None else None
        return Contribution(records.side, records.fact, dict(row), ids, link)


def _own_kind(kpi: Kpi) -> base.Kind:
    """The kind of a KPI that is computed from facts. Raises UsageError for one that is computed from other KPIs."""
    kind = kinds.KINDS[kpi.kind]
    if isinstance(kind, base.DerivedKind):
        raise UsageError(
            f"writing {kpi.id} as a query",
            "it is computed from other KPIs",
            remedy=f"Ask for {', '.join(references(kpi))}",
        )
    return kind


def _finish(context: base.Context, row: base.Row) -> base.Outcome:
    return _own_kind(context.kpi).finish(row, context.kpi.params, context)


def _measurement(day: BusinessDay, outcome: base.Outcome, kpi: Kpi, *, provisional: bool) -> Measurement:
    value = _quantised(outcome.value)
    return Measurement(
        day=day.day,
        segment="",
        value=value,
        text=kpi.grades[int(value)] if kpi.grades and value is not None else None,
        numerator=_quantised(outcome.numerator),
        denominator=_quantised(outcome.denominator),
        n=outcome.n,
        period_start=from_epoch_ms(day.window_start_ms),
        period_end=from_epoch_ms(day.window_end_ms),
        closed=day.closed,
        provisional=provisional,
        reason=outcome.reason,
    )


def _quantised(number: Decimal | None) -> Decimal | None:
    """To the 12th decimal, half even, without trailing zeros or a negative zero."""
    if number is None:
        return None
    rounded = number.quantize(PLACES, ROUND_HALF_EVEN, DIGITS)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
