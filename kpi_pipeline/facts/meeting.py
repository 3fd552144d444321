"""Meetings with those who may buy: planned, held, and what was said to matter."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a meeting. Reasons that nobody recorded are not reasons that were not given: `reasons_recorded`.

    Settings: `meeting_reasons_property` (reasons joined by ";", null: none are recorded), `usp_reason` (the one asked
    about), `meeting_campaign_property`.
    """
    rows = facts.records("hubspot", "meetings")
    reasons = facts.chosen_column(rows, "hubspot", "meeting_reasons_property", "string").nullif("")
    usp = facts.setting("hubspot", "usp_reason")
    outcome = rows.outcome.lower().coalesce("scheduled")
    return rows.select(
        "company_id",
        "contact_id",
        meeting_id=rows.id,
        kind=rows.type,
        created_at=epoch_ms(rows.created_at),
        starts_at=epoch_ms(rows.starts_at.coalesce(rows.at).coalesce(rows.created_at)),
        outcome=outcome,
        held=outcome == "completed",
        reasons_recorded=reasons.notnull(),
        usp_mentioned=(";" + reasons + ";").contains(f";{usp};").coalesce(False),
        campaign=facts.chosen_column(rows, "hubspot", "meeting_campaign_property", "string").nullif(""),
    )
