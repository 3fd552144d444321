"""`kpi report site`: write the pages that people look at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kpi_pipeline import clock
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.site import write_sites
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings


def site(
    company: Annotated[list[str] | None, typer.Argument(help="Company ids (default: all).")] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="As it was known at this instant, with a zone; needs --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to (default: with the reports).")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Companies written at once.")] = os.cpu_count() or 1,
    as_json: options.Json = False,
) -> None:
    """Write overview, a page a KPI, dashboards and the list of reports, from history; opens from the file system."""
    if known_at is not None and out is None:
        raise UsageError(
            f"writing a site as known at {known_at}",
            "it would take the place of the one as known now",
            remedy="Name a folder for it with --out",
        )
    settings = Settings.from_environment()
    with Workspace(settings, now=clock.now()) as workspace:
        chosen = [workspace.company(name) for name in company or workspace.catalogue.companies]
        now = workspace.now
    # The largest first: it takes longest, and nothing waits for it alone at the end.
    names = [each.id for each in sorted(chosen, key=lambda each: -len(each.kpis))]
    when = None if known_at is None else options.parse_instant(known_at)
    written = write_sites(settings, names, now=now, processes=processes, to=out, known_at=when)
    if as_json:
        write_json(
            [{"company": name, "overview": str(pages[0]), "pages": len(pages)} for name, pages in written.items()]
        )
        return
    for name in (each.id for each in chosen):
        console.print(f"{len(written[name])} pages: {written[name][0]}", soft_wrap=True)
    next_step("open it in a browser; it needs no server")
