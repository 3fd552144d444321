"""Bookings as contracted, invoiced and paid."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.billing import contracts, given_back
from kpi_pipeline.facts.crm import booked_deals
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a booking. A deposit counts the whole contracted net; what was given back is in booking_refund."""
    rows = facts.once(contracts)
    back = facts.once(given_back)
    cancelled = back.filter(back.full).select(cancelled_id="booking_id", fully_refunded_at="refunded_at")
    deals = facts.once(booked_deals)
    deals = deals.select("deal_id", "lead_id", "lead_qualified", "event_at", deal_booking="booking_id")
    rows = rows.left_join(cancelled, rows.booking_id == cancelled.cancelled_id)
    rows = rows.left_join(deals, rows.booking_id == deals.deal_booking)
    return rows.mutate(lead_qualified=rows.lead_qualified.coalesce(ibis.literal(False)))
