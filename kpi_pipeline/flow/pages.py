"""Writes a page for every KPI: its definition, its lineage, its targets over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.yaml_file import entry
from kpi_pipeline.facts import FACTS, columns, sources
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.metrics import words
from kpi_pipeline.metrics.uses import columns_of
from kpi_pipeline.reports import definition, render
from kpi_pipeline.reports.definition import Page, Query, Source

if TYPE_CHECKING:
    from kpi_pipeline.metrics.engine import Engine

HEAD = 1_000


def folder(reports_root: Path, company: Company) -> Path:
    return reports_root / company.id / "kpi"


def page_path(reports_root: Path, company: Company, kpi: Kpi) -> Path:
    return folder(reports_root, company) / definition.file_name(kpi)


def write_pages(
    workspace: Workspace, company: Company, *, to: Path | None = None, with_sql: bool = False
) -> list[Path]:
    """Write the pages that say something new, and give those written.

    Queries take longest, so a page gets one only when asked for; a page that says the same keeps the one it has. Raises
    StoreUnavailable when the folder cannot be written.
    """
    target = folder(workspace.settings.reports_root, company) if to is None else to
    yesterday = workspace.now.astimezone(company.tz).date() - timedelta(days=1)
    engine = over_facts(workspace, company) if with_sql else None
    written = []
    for kpi in company.kpis.values():
        page = page_of(workspace, company, kpi)
        path = target / definition.file_name(kpi)
        if engine is not None or not _says(path, definition.fingerprint(page)):
            query = None if engine is None else query_of(engine, kpi, yesterday)
            written.append(render.write(definition.html(page, query), path))
    return written


def page_of(workspace: Workspace, company: Company, kpi: Kpi) -> Page:
    """What the page of a KPI says, but for its SQL."""
    return Page(
        company=company,
        kpi=kpi,
        today=workspace.now.astimezone(company.tz).date(),
        meaning=lambda each: words.describe(each, company.language),
        sources=list(_sources(company, kpi)),
        declared=entry(workspace.settings.companies_root / kpi.file, kpi.line),
    )


def query_of(engine: Engine, kpi: Kpi, day: date) -> Query | None:
    """The SQL of one day over tables named after the facts; None for a KPI that is computed from other KPIs."""
    from kpi_pipeline.metrics.kinds import KINDS
    from kpi_pipeline.metrics.kinds.base import DerivedKind

    if isinstance(KINDS[kpi.kind], DerivedKind):
        return None
    return Query(engine.sql(kpi, day, day), day)


def over_facts(workspace: Workspace, company: Company) -> Engine:
    """An engine that writes queries over the facts by name, without what the facts themselves are computed from."""
    import ibis

    from kpi_pipeline.metrics.engine import Engine

    tables = {
        name: ibis.table({column: shape.type for column, shape in spec.columns.items()}, name=name)
        for name, spec in FACTS.items()
    }
    return Engine(SimpleNamespace(name=workspace.settings.engine), tables, company, now=workspace.now)


def _sources(company: Company, kpi: Kpi) -> Iterable[Source]:
    for fact, named in columns_of(kpi, company, columns()).items():
        streams = [f"{source}/{stream}" for source, stream in sources([fact], company.sources)]
        yield Source(fact, words.term(fact, company.language), named, streams)


def _says(path: Path, fingerprint: str) -> bool:
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as file:
        return definition.FINGERPRINT.format(fingerprint) in file.read(HEAD)
