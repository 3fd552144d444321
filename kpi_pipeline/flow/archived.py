"""Archived reports made again: who makes which report, and the company files it was made by."""

from __future__ import annotations

from collections.abc import Callable

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import packs
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.reports.verify import Render

Maker = Callable[[Workspace, Company, Entry], bytes]
# Report that no company declares → makes its bytes from history as known at the entry's instant, in the entry's format.
MAKERS: dict[str, Maker] = {}


def renderer(workspace: Workspace) -> Render:
    """Makes an archived report again; None for one that nobody makes any more."""

    def render(entry: Entry) -> bytes | None:
        maker = MAKERS.get(entry.report)
        if maker is None:
            return packs.again(workspace, entry)
        return maker(workspace, workspace.company(entry.company), entry)

    return render
