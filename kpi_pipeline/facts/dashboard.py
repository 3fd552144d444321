"""Dashboards that users made."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a dashboard, thrown away or not."""
    rows = facts.records("sql", "dashboards")
    return rows.mutate(created_at=epoch_ms(rows.created_at), deleted_at=epoch_ms(rows.deleted_at))
