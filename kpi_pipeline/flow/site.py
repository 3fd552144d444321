"""Writes a company's site: overview, a page a KPI, dashboards, the list of archived reports. From history only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import held, pages
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import archive
from kpi_pipeline.reports import dashboard, render, site
from kpi_pipeline.reports.held import Beside
from kpi_pipeline.reports.panels import Context
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline.settings import Settings


def write_site(
    workspace: Workspace, company: Company, *, to: Path | None = None, known_at: datetime | None = None
) -> list[Path]:
    """Write every page of the site to `to` (default: with the reports), and give them, the overview first.

    `known_at`: as it was known then, default now. Each page is written whole or not at all, the overview last: it never
    leads to a page that is not there. Raises StoreUnavailable when the folder cannot be written.
    """
    root = workspace.settings.reports_root / company.id if to is None else to
    reading = Reading(
        company, workspace.history, known_at=workspace.known_at(company) if known_at is None else known_at
    )
    # A silence of today says nothing of what was known then.
    beside = held.beside(workspace, company) if known_at is None else Beside()
    context = Context(reading, Tables(reading), beside=beside)
    written = pages.write_pages(workspace, reading, root, beside.held)
    for board in company.dashboards.boards.values():
        written.append(render.write(dashboard.html(board, context), root / dashboard.place(board)))
    archived = [each for each in archive.entries(workspace.history, company.id) if each.recorded_at <= reading.known_at]
    top = site.pages(replace(context, kpi_folder="kpi/"), archived)
    written += [render.write(top[name], root / name) for name in reversed(list(top))]
    return written[::-1]


def write_sites(
    settings: Settings,
    companies: Sequence[str],
    *,
    now: datetime,
    processes: int,
    to: Path | None = None,
    known_at: datetime | None = None,
) -> dict[str, list[Path]]:
    """The sites of several companies, in as many processes at once; each company's pages by its id.

    Below `to` each company has a folder. Drawing is pure computation, so that threads would wait for each other.
    """
    jobs = {name: (settings, name, now, None if to is None else to / name, known_at) for name in companies}
    if len(companies) == 1 or processes == 1:
        return {name: _write_one(*job) for name, job in jobs.items()}
    # A forked process would share connections that this one may have open.
    with ProcessPoolExecutor(min(processes, len(companies)), mp_context=get_context("spawn")) as pool:
        waiting = {name: pool.submit(_write_one, *job) for name, job in jobs.items()}
        return {name: each.result() for name, each in waiting.items()}


def _write_one(
    settings: Settings, company: str, now: datetime, to: Path | None, known_at: datetime | None
) -> list[Path]:
    with Workspace(settings, now=now) as workspace:
        return write_site(workspace, workspace.company(company), to=to, known_at=known_at)
