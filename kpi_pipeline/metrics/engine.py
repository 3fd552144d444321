"""KPI + facts → measurements: one Ibis expression for all days, one exact division at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.clock import from_epoch_ms
from kpi_pipeline.errors import UsageError
from kpi_pipeline.metrics import kinds, windows
from kpi_pipeline.metrics.kinds import base
from kpi_pipeline.metrics.spine import BusinessDay, Spine

DIGITS = Context(prec=28)
PLACES = Decimal("1e-12")
# What one unit is in the integers of the facts: shares and scores in hundredths, time in ms, money in minor units.
SCALE: dict[str, Fraction] = {
    "percent": Fraction(100),
    "points": Fraction(100),
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
    value may still change by its definition. No value has a `reason` unless data is simply missing.
    """

    day: date
    segment: str
    value: Decimal | str | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    period_start: datetime
    period_end: datetime
    closed: bool
    provisional: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One fact row behind a value: which side it counts on, its columns, and those that are vendors' ids."""

    side: str
    fact: str
    fields: Mapping[str, Any]
    ids: Mapping[str, str]
    link: str | None


class Engine:
    """Measures the KPIs of one company over its facts, as of `now`.

    `facts` are tables of `backend` by name; `links` maps a fact to the address of a record with its columns in braces,
    for example {'lead': 'https://app.hubspot.com/contacts/1/record/0-1/{lead_id}'}.
    """

    def __init__(
        self,
        backend: Any,
        facts: Mapping[str, ir.Table],
        company: Company,
        *,
        now: datetime,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.backend, self.facts, self.company, self.now = backend, facts, company, now
        self.links = {} if links is None else links

    def measure(self, kpi: Kpi, first: date, last: date) -> list[Measurement]:
        """A measurement for every business day from `first` to `last` that has begun, in order.

        Raises UsageError when `first` lies after `last`.
        """
        spine = self.spine(kpi, first, last)
        if not spine.days:
            return []
        context = self._context(kpi, spine)
        rows = {row["day_index"]: row for row in self._rows(self._build(context))}
        with localcontext(DIGITS):
            outcomes = [_finish(context, rows[day.index]) for day in spine.days]
        return [_measurement(day, outcome) for day, outcome in zip(spine.days, outcomes, strict=True)]

    def expression(self, kpi: Kpi, first: date, last: date) -> ir.Table:
        """The one expression behind `measure`: day_index, numerator, denominator, n and what the kind adds."""
        return self._build(self._context(kpi, self.spine(kpi, first, last)))

    def sql(self, kpi: Kpi, first: date, last: date) -> str:
        """The expression in the SQL of the backend."""
        return str(ibis.to_sql(self.expression(kpi, first, last), dialect=self.backend.name))

    def contributors(self, kpi: Kpi, day: date, *, limit: int = 1_000) -> list[Contribution]:
        """The fact rows behind the value of one day, at most `limit` a side, in order of their columns."""
        spine = self.spine(kpi, day, day)
        if not spine.days:
            return []
        found = kinds.KINDS[kpi.kind].records(kpi.params, self._context(kpi, spine))
        return [
            self._contribution(records, row)
            for records in found
            for row in self._rows(records.rows.order_by(records.rows.columns).limit(limit))
        ]

    def spine(self, kpi: Kpi, first: date, last: date) -> Spine:
        """The begun business days from `first` to `last`, seen through the KPI's window."""
        if first > last:
            raise UsageError(f"measuring {kpi.id}", f"{first} lies after {last}", remedy="Give the earlier day first")
        window = windows.parse(kpi.window)
        return Spine(first, last, window, zone=self.company.tz, now=self.now, settle=kpi.settles_after)

    def _build(self, context: base.Context) -> ir.Table:
        kpi = context.kpi
        return kinds.KINDS[kpi.kind].build(kpi.params, context).order_by("day_index")

    def _context(self, kpi: Kpi, spine: Spine) -> base.Context:
        @cache
        def other(name: str) -> base.Context:
            kpi_ = self.company.kpis[name]
            return self._context(kpi_, self.spine(kpi_, spine.first, spine.last))

        return base.Context(
            company=self.company,
            kpi=kpi,
            facts=self.facts,
            spine=spine,
            measure_of=lambda name: self._build(other(name)),
            outcome_of=lambda name, row: _finish(other(name), row),
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


def _finish(context: base.Context, row: base.Row) -> base.Outcome:
    return kinds.KINDS[context.kpi.kind].finish(row, context.kpi.params, context)


def _measurement(day: BusinessDay, outcome: base.Outcome) -> Measurement:
    return Measurement(
        day=day.day,
        segment="",
        value=_quantised(outcome.value),
        numerator=_quantised(outcome.numerator),
        denominator=_quantised(outcome.denominator),
        n=outcome.n,
        period_start=from_epoch_ms(day.window_start_ms),
        period_end=from_epoch_ms(day.window_end_ms),
        closed=day.closed,
        provisional=day.provisional,
        reason=outcome.reason,
    )


def _quantised(number: Decimal | None) -> Decimal | None:
    """To the 12th decimal, half even, without trailing zeros or a negative zero."""
    if number is None:
        return None
    rounded = number.quantize(PLACES, ROUND_HALF_EVEN, DIGITS)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
