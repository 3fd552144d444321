"""How fresh each source of a company is: its newest record, and when it was last asked."""

from __future__ import annotations

from datetime import datetime

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.reports.freshness import SourceFreshness

# Sources that say nothing while nothing changes: a monitor that stays up, a file that nobody has to fill in yet. They
# are as fresh as their last load; that a register is late is told by its own reminder.
QUIET = ("uptimerobot", "registers")


def source_freshness(workspace: Workspace, company: Company) -> list[SourceFreshness]:
    """One entry per source, from the receipts of its live loads.

    The newest record counts, not the newest load: a load of nothing, or of old months, makes no source fresh. Only of
    sources that have nothing to say while all is well the load counts.
    """
    found = []
    for name, streams in loaded_streams(company).items():
        source = company.sources[name]
        newest: list[datetime] = []
        loaded: list[datetime] = []
        for stream in streams:
            for receipt in workspace.landing.receipts(company.id, name, stream.name):
                if receipt.kind == "live":
                    loaded.append(receipt.observed_at)
                if receipt.newest is not None:
                    newest.append(min(receipt.newest, workspace.now))
        found.append(
            SourceFreshness(
                source=name,
                owner=source.owner,
                newest_at=max(loaded if name in QUIET else newest, default=None),
                loaded_at=max(loaded, default=None),
                late_after=source.late_after,
            )
        )
    return found
