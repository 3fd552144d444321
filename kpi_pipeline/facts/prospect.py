"""Prospects: when a contact entered each stage of marketing and sales."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

STAGES = {
    "marketing_qualified_at": "entered_marketingqualifiedlead_at",
    "sales_qualified_at": "entered_salesqualifiedlead_at",
    "customer_at": "entered_customer_at",
}


def build(facts: FactTables) -> Table:
    """One row a contact. HubSpot moves the date of a stage that is entered again: the earliest ever seen counts."""
    kept = unmerged(facts.records("hubspot", "contacts"))
    versions = facts.versions("hubspot", "contacts")
    first = versions.group_by(contact_id=versions.id).agg(
        **{name: epoch_ms(versions[column]).min() for name, column in STAGES.items()}
    )
    found = kept.left_join(first, kept.id == first.contact_id)
    return found.select(*STAGES, "source", prospect_id=found.id, created_at=epoch_ms(found.created_at))
