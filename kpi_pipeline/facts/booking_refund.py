"""Refunds and credits of bookings."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.billing import given_back
from kpi_pipeline.facts.crm import booked_deals
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a refund or credit note."""
    rows = facts.once(given_back)
    deals = facts.once(booked_deals).select("lead_qualified", deal_booking="booking_id")
    rows = rows.left_join(deals, rows.booking_id == deals.deal_booking)
    return rows.mutate(lead_qualified=rows.lead_qualified.coalesce(ibis.literal(False)))
