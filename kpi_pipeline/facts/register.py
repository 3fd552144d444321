"""What facts from registers share: local days as numbers, calendar arithmetic on them, and the signature of a row."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from kpi_pipeline.facts.local_time import civil_day
from kpi_pipeline.landing.instants import epoch_ms


def day(column: ir.DateColumn) -> ir.IntegerValue:
    """Days since 1970-01-01."""
    return column.epoch_days().cast("int64")


def months_later(column: ir.DateColumn, months: int) -> ir.IntegerValue:
    """The same day `months` later, or the last day of a month that lacks it."""
    month = column.year().cast("int64") * 12 + column.month() - 1 + months
    same = _first_of(month) + column.day() - 1
    return ibis.least(same, _first_of(month + 1) - 1).cast("int64")


def next_month(column: ir.DateColumn) -> ir.IntegerValue:
    """The first day of the month after."""
    return _first_of(column.year().cast("int64") * 12 + column.month()).cast("int64")


def quarter(column: ir.DateColumn, later: int = 0) -> ir.IntegerValue:
    """The first day of its quarter, or of the one `later` quarters on."""
    month = column.year().cast("int64") * 12 + (column.month() - 1) // 3 * 3 + 3 * later
    return _first_of(month).cast("int64")


def signed(rows: ir.Table) -> dict[str, Any]:
    """Who entered each row and when, as all facts from registers of people have it."""
    return {"entered_by": rows.entered_by, "entered_at": epoch_ms(rows.entered_at)}


def _first_of(month: ir.IntegerValue) -> ir.IntegerValue:
    """The first day of a month counted from year 0."""
    return civil_day(month // 12, month % 12 + 1, 1)
