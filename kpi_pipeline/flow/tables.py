"""Computes the tables beneath the KPIs from facts, and keeps them in history."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from kpi_pipeline import analytics
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.dashboards import DataTable
from kpi_pipeline.facts import sources
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import panel_table
from kpi_pipeline.history.panel_table import PanelTable


def keep_tables(workspace: Workspace, company: Company, run_id: str) -> dict[str, tuple[PanelTable, bool]]:
    """Every table that the company declares, as of the last business day that is over, and whether it is news.

    Raises SettingsError when the company lacks what a fact needs, StoreUnavailable when history does not answer.
    """
    day = workspace.now.astimezone(company.tz).date() - timedelta(days=1)
    return {name: keep_table(workspace, company, table, day, run_id) for name, table in company.dashboards.data.items()}


def keep_table(
    workspace: Workspace, company: Company, table: DataTable, day: date, run_id: str
) -> tuple[PanelTable, bool]:
    """One table as of the end of `day`, and whether history did not say the same already."""
    facts = workspace.facts(company)
    read = sorted(analytics.facts_of([table.kind]))
    facts.materialise(read)
    inputs, streams = workspace.inputs(company), sources(read, company.sources)
    inputs.note(streams, run_id)
    found = PanelTable(
        company=company.id,
        name=table.id,
        day=day,
        rows=analytics.compute(table.kind, table.params, facts, day),
        definition_hash=definition_hash(table),
        input_hash=inputs.hash(streams),
        run_id=run_id,
        recorded_at=workspace.now,
    )
    return found, panel_table.save(workspace.history, found)


def definition_hash(table: DataTable) -> str:
    """Fingerprint of what a table means: its kind and parameters."""
    meaning = {"kind": table.kind, "params": table.params.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]
