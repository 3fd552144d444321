"""The `kpi` command: one module a group of commands; errors of ours are shown as text and set the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from kpi_pipeline.cli import (
    alerts,
    archive,
    catalogue,
    connectors,
    demo,
    doctor,
    explain,
    history,
    observability,
    registers,
    reports,
    runs,
    sandbox,
    site,
    ui,
    values,
)
from kpi_pipeline.errors import KpiError

app = typer.Typer(
    name="kpi",
    help="KPIs from the tools a company already uses: loaded, checked, computed, explained, watched and reported.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(demo.demo)
app.command()(ui.ui)
app.command()(runs.run)
app.command()(runs.backfill)
app.command()(values.value)
app.command()(values.show)
app.command()(explain.explain)
app.command()(doctor.doctor)
app.command()(observability.metrics)
app.add_typer(observability.app, name="grafana")
reports.app.command("list")(archive.list_reports)
reports.app.command("verify")(archive.verify)
reports.app.command("site")(site.site)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(connectors.app, name="connector")
app.add_typer(registers.app, name="register")
app.add_typer(alerts.app, name="alerts")
app.add_typer(reports.app, name="report")
app.add_typer(history.app, name="history")
app.add_typer(sandbox.app, name="sandbox")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of the console script; `arguments` default to those of the process.

    Exit codes: 0 ok, 1 finding, 2 usage, 10 settings, 11 catalogue, 20 try again, 21 will not work.
    """
    try:
        app(args=None if arguments is None else list(arguments))
    except KpiError as error:
        sys.stderr.write(f"kpi: {error}\n")
        sys.exit(error.exit_code)
