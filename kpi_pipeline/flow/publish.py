"""Writes a company's report pages to the reports folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.deliveries import dead_letters
from kpi_pipeline.flow.freshness import source_freshness
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.reports import render, scorecard
from kpi_pipeline.reports.scorecard import Scorecard


def weekly_scorecard(workspace: Workspace, company: Company) -> tuple[Path, Scorecard]:
    """The scorecard of the ISO week of yesterday, as known now."""
    yesterday = workspace.now.astimezone(company.tz).date() - timedelta(days=1)
    card = scorecard.build(
        company,
        workspace.history,
        now=workspace.known_at(company),
        freshness=source_freshness(workspace, company),
        by_hand=registers.notes(workspace, company, yesterday),
        undelivered=len(dead_letters(workspace, company)),
    )
    path = workspace.settings.reports_root / company.id / render.file_name(company.id, card)
    return render.write(render.html(card), path), card
