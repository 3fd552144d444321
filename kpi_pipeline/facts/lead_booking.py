"""What became of a lead: its first paid booking."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a lead, booked or not; of several bookings the one that was paid first."""
    leads = facts.table("lead").select("lead_id", "created_at", "qualified_at")
    bookings = facts.table("booking")
    paid = bookings.filter(bookings.lead_id.notnull() & bookings.first_paid_at.notnull())
    rank = ibis.row_number().over(group_by=paid.lead_id, order_by=[paid.first_paid_at, paid.booking_id])
    first = paid.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    first = first.select("booking_id", "first_paid_at", "fully_refunded_at", booked_by="lead_id")
    return leads.left_join(first, leads.lead_id == first.booked_by)
