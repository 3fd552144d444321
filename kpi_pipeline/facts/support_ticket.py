"""Questions to support, from the helpdesk's table or from the CRM's tickets."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.crm import unmerged
from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms

INSTANTS = ("created_at", "first_reply_at", "resolved_at", "reopened_at")


def build(facts: FactTables) -> Table:
    """One row a ticket, whichever source the company keeps them in. A ticket merged into another one is gone."""
    rows = _of_hubspot(facts) if facts.filled_by("support_ticket") == "hubspot" else facts.records("sql", "tickets")
    return rows.mutate(
        **{name: epoch_ms(rows[name]) for name in INSTANTS},
        replies=rows.replies.coalesce(0),
        developer_involved=rows.developer_involved.coalesce(ibis.literal(False)),
        is_duplicate=rows.is_duplicate.coalesce(ibis.literal(False)),
    )


def _of_hubspot(facts: FactTables) -> Table:
    rows = unmerged(facts.records("hubspot", "tickets"))
    return rows.rename(ticket_id="id", resolved_at="closed_at").mutate(is_duplicate=ibis.literal(False))
