"""Leads: when they came in, when they were qualified, first spoken to, and first paid."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.crm import leads, outbound_contacts
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a lead. A contact before the record existed (rang first, filled in the form meanwhile) does not count."""
    rows = facts.once(leads)
    made = outbound_contacts(facts)
    after = rows.join(made, [rows.lead_id == made.lead_id, made.contacted_at >= rows.created_at])
    contact = after.group_by(contacted_id="lead_id").agg(first_contact_at=after.contacted_at.min())
    bookings = facts.table("booking")
    paid = bookings.filter(bookings.lead_id.notnull() & bookings.first_paid_at.notnull())
    rank = ibis.row_number().over(group_by=paid.lead_id, order_by=[paid.first_paid_at, paid.booking_id])
    first = paid.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    first = first.select("first_paid_at", "fully_refunded_at", booked_by="lead_id")
    contacted = rows.left_join(contact, rows.lead_id == contact.contacted_id)
    return contacted.left_join(first, contacted.lead_id == first.booked_by)
