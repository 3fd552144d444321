"""Leads: when they came in, when they were qualified and first spoken to."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.crm import leads, outbound_contacts
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a lead. A contact before the record existed (rang first, filled in the form meanwhile) does not count."""
    rows = facts.once(leads)
    made = outbound_contacts(facts)
    after = rows.join(made, [rows.lead_id == made.lead_id, made.contacted_at >= rows.created_at])
    contact = after.group_by(contacted_id="lead_id").agg(first_contact_at=after.contacted_at.min())
    return rows.left_join(contact, rows.lead_id == contact.contacted_id)
