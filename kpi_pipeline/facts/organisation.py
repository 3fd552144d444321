"""Organisations: the companies of the CRM by name."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a company that exists."""
    rows = unmerged(facts.records("hubspot", "companies"))
    return rows.select("name", "industry", "country", company_id=rows.id)
