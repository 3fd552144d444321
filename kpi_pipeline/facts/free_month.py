"""Customers on a free plan at the start of a calendar month, and when they paid in it."""

from __future__ import annotations

from datetime import date

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from kpi_pipeline.facts.arithmetic import FOREVER
from kpi_pipeline.facts.free_spans import free_spans
from kpi_pipeline.facts.local_time import midnight_ms
from kpi_pipeline.facts.paying_spans import paying_spans
from kpi_pipeline.facts.tables import FactTables

FIRST_YEAR, LAST_YEAR = 2000, 2050


def build(facts: FactTables) -> Table:
    """One row a customer, month and span of that month in which it pays; one without such a span if it never does.

    On the free plan is who has a free plan and no recurring revenue at the month's first instant.
    """
    free, paying, months = facts.once(free_spans), facts.once(paying_spans), _months(facts.company.zone)
    held = free.join(months, [months.month_starts_at >= free.start_at, months.month_starts_at < free.end_at])
    held = held.select("customer_id", "month_starts_at", "next_starts_at").distinct()
    pays = [
        held.customer_id == paying.payer,
        paying.from_at < held.month_starts_at,
        held.month_starts_at <= paying.until_at,
    ]
    held = held.anti_join(paying, pays)
    paying = paying.view()
    in_month = [
        held.customer_id == paying.payer,
        paying.from_at >= held.month_starts_at,
        paying.from_at < held.next_starts_at,
    ]
    rows = held.left_join(paying, in_month)
    return rows.select(
        "customer_id", "month_starts_at", paid_from_at="from_at", paid_until_at=rows.until_at.nullif(FOREVER)
    )


def _months(zone: str) -> Table:
    """The first instants of local months and of the months after them."""
    firsts = [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR) for month in range(1, 13)]
    starts = [midnight_ms(first, zone) for first in firsts]
    columns = [pa.array(starts[:-1], pa.int64()), pa.array(starts[1:], pa.int64())]
    return ibis.memtable(pa.Table.from_arrays(columns, names=["month_starts_at", "next_starts_at"]))
