"""Writes a page for every KPI: how it is doing, its definition, its lineage, its targets over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from kpi_pipeline.alerts import log
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.yaml_file import entry
from kpi_pipeline.facts import FACTS, columns, sources
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.inputs import inputs_of
from kpi_pipeline.history.restatements import Restatement, streams_by_definition
from kpi_pipeline.metrics import words
from kpi_pipeline.metrics.uses import columns_of
from kpi_pipeline.reports import definition, render
from kpi_pipeline.reports.definition import Page, Query, Source
from kpi_pipeline.reports.held import Held
from kpi_pipeline.reports.kpi_page import Evidence, Told, numbers_of
from kpi_pipeline.reports.navigation import KPIS, nav
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.restated import restated

if TYPE_CHECKING:
    from kpi_pipeline.metrics.engine import Engine


def definitions_folder(reports_root: Path, company: Company) -> Path:
    return reports_root / company.id / "definitions"


def page_path(reports_root: Path, company: Company, kpi: Kpi) -> Path:
    return reports_root / company.id / "kpi" / definition.file_name(kpi)


def write_definitions(
    workspace: Workspace, company: Company, *, to: Path | None = None, with_sql: bool = False
) -> list[Path]:
    """Write a page a KPI that says what it is, without a number: for a catalogue that has no history yet.

    Raises StoreUnavailable when the folder cannot be written.
    """
    target = definitions_folder(workspace.settings.reports_root, company) if to is None else to
    yesterday = workspace.now.astimezone(company.tz).date() - timedelta(days=1)
    engine = over_facts(workspace, company) if with_sql else None
    written = []
    for kpi in company.kpis.values():
        query = None if engine is None else query_of(engine, kpi, yesterday)
        page = definition.html(page_of(workspace, company, kpi), query)
        written.append(render.write(page, target / definition.file_name(kpi)))
    return written


def write_pages(workspace: Workspace, reading: Reading, root: Path, held: Mapping[str, Sequence[Held]]) -> list[Path]:
    """Write the page of every KPI of the company below `root`, with its numbers as `reading` has them.

    `held`: by KPI, what holds its alerts back.

    Raises StoreUnavailable when the folder cannot be written.
    """
    company = reading.company
    beside = evidence(workspace, reading)
    above = nav(company, at=KPIS, depth=1)
    written = []
    for kpi in company.kpis.values():
        numbers = numbers_of(reading, kpi, replace(beside[kpi.id], held=held.get(kpi.id, ())))
        page = definition.html(page_of(workspace, company, kpi), numbers=numbers, nav=above)
        written.append(render.write(page, root / "kpi" / definition.file_name(kpi)))
    return written


def evidence(workspace: Workspace, reading: Reading) -> dict[str, Evidence]:
    """Alerts, restatements and receipts of every KPI of the company, as known at the instant of the reading."""
    company, history, known_at = reading.company, workspace.history, reading.known_at
    told = log.changes(history.engine, company.id, known_at=known_at)
    changed: dict[str, list[Restatement]] = {}
    for each in restated(history, company, known_at=known_at):
        changed.setdefault(each.kpi, []).append(each)
    rows = {kpi: reading.row(kpi) for kpi in company.kpis}
    runs = inputs_of(history, company.id, {row.run_id for row in rows.values() if row is not None})
    streams = streams_by_definition(history, company.id)
    found = {}
    for name, row in rows.items():
        found[name] = Evidence(
            told=[Told(each.at, each.day, each.level) for each in told.get(name, ())],
            restatements=changed.get(name, ()),
            inputs=None if row is None else runs.get(row.run_id),
            streams=() if row is None else streams.get((name, row.definition_hash), ()),
        )
    return found


def page_of(workspace: Workspace, company: Company, kpi: Kpi) -> Page:
    """What the page of a KPI says, but for its SQL and its numbers."""
    return Page(
        company=company,
        kpi=kpi,
        today=workspace.now.astimezone(company.tz).date(),
        meaning=lambda each: words.describe(company, each, company.language),
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
