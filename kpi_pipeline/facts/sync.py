"""When the product's collectors last brought data."""

from __future__ import annotations

from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a successful run; two of a source that end in the same millisecond are one."""
    rows = facts.records("sql", "syncs")
    return rows.filter(rows.succeeded).select("source_name", synced_at=epoch_ms(rows.synced_at)).distinct()
