"""`kpi report list` and `kpi report verify`: the archive of reports, and whether it is still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.archived import renderer
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import archive
from kpi_pipeline.reports.verify import Verified, verify_company, verify_file

FINDING = 1


def list_reports(
    company: options.CompanyArg,
    report: Annotated[str | None, typer.Option("--report", help="Only this report.")] = None,
    as_json: options.Json = False,
) -> None:
    """Every archived report of a company, in the order in which they were archived."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = archive.entries(workspace.history, company, report=report)
    if as_json:
        write_json(found)
        return
    table(
        f"{company_.name}: {len(found)} archived reports",
        ("no", "report", "period", "as known at", "file", "sha256"),
        [
            (
                entry.number,
                entry.report,
                entry.period,
                f"{entry.known_at.astimezone(company_.tz):%Y-%m-%d %H:%M}",
                entry.file,
                entry.sha256[:12],
            )
            for entry in found
        ],
        right=("no",),
    )
    next_step(f"kpi report verify --company {company}, to see that none of them changed")


def verify(
    file: Annotated[Path | None, typer.Argument(help="A report file: one in the archive, or a copy of it.")] = None,
    company: Annotated[str | None, typer.Option("--company", help="The whole archive of a company.")] = None,
    again: Annotated[
        bool, typer.Option("--again/--no-again", help="Also make each report again from history as known then.")
    ] = True,
    as_json: options.Json = False,
) -> None:
    """Find changed bytes, changed numbers, missing files and links, and breaks in the chain; exit code 1 if any."""
    if (file is None) == (company is None):
        raise UsageError(
            "verifying reports",
            "there must be a file, or a company",
            remedy="`kpi report verify FILE` or `kpi report verify --company mister_dj`",
        )
    with options.open_workspace() as workspace:
        found = _verified(workspace, file, company, again)
    if as_json:
        write_json(found)
    else:
        _print(found)
    if found.findings:
        raise typer.Exit(FINDING)


def _verified(workspace: Workspace, file: Path | None, company: str | None, again: bool) -> Verified:
    root = workspace.settings.reports_root
    render = renderer(workspace) if again else None
    if file is not None:
        return verify_file(workspace.history, root, file, render)
    assert company is not None  # noqa: S101 - the caller has refused neither and both
    return verify_company(workspace.history, root, workspace.company(company).id, render)


def _print(found: Verified) -> None:
    rows: list[tuple[Any, ...]] = [(each.kind, each.file, each.message) for each in found.findings]
    if rows:
        table(f"{len(rows)} findings", ("what", "file", "which"), rows, whole=("what",))
        return
    again = f"; {found.again} made again came out the same" if found.again else ""
    console.print(f"[green]✓[/green] {found.entries} reports and their {found.numbers} numbers are as they were{again}")
