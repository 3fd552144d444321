"""What is known of the sources that a KPI comes from: which they are, and up to when they were read and settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts import sources
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.metrics.uses import facts_of

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def upstream(company: Company, kpi: Kpi) -> tuple[str, ...]:
    """The sources a KPI comes from, by lineage."""
    return tuple(sorted({source for source, _ in sources(facts_of(kpi, company), company.sources)}))


def upstream_of_all(company: Company) -> Mapping[str, tuple[str, ...]]:
    """The sources of every KPI of a company."""
    return {kpi.id: upstream(company, kpi) for kpi in company.kpis.values()}


def sight(workspace: Workspace, company: Company, kpi: Kpi) -> Sight:
    """A period of the KPI is closed when every source was read to beyond its end and its records had time to come."""
    closed = [
        _settled(workspace, company, source, stream)
        for source, stream in sources(facts_of(kpi, company), company.sources)
    ]
    return Sight(min(closed, default=workspace.now), upstream(company, kpi))


def _settled(workspace: Workspace, company: Company, source: str, stream: str) -> datetime:
    watermark = workspace.landing.watermark(company.id, source, stream)
    return NEVER if watermark is None else watermark - company.sources[source].settles_after
