"""Questions to support, from the helpdesk's table."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a ticket, whichever source the company keeps them in."""
    return _of_sql(facts)


def _of_sql(facts: FactTables) -> Table:
    rows = facts.records("sql", "tickets")
    instants = ("created_at", "first_reply_at", "resolved_at", "reopened_at")
    return rows.mutate(
        **{name: epoch_ms(rows[name]) for name in instants},
        replies=rows.replies.coalesce(0),
        developer_involved=rows.developer_involved.coalesce(ibis.literal(False)),
        is_duplicate=rows.is_duplicate.coalesce(ibis.literal(False)),
    )
