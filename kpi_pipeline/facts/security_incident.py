"""Alerts of the SIEM."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an alert."""
    rows = facts.records("registers", "security_incidents")
    return rows.select(
        "incident_id",
        "severity",
        raised_at=epoch_ms(rows.raised_at),
        acknowledged_at=epoch_ms(rows.acknowledged_at),
        confirmed_at=epoch_ms(rows.confirmed_at),
        resolved_at=epoch_ms(rows.resolved_at),
        confirmed=rows.confirmed_at.notnull(),
    )
