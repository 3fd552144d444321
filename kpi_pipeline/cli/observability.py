"""`kpi metrics` and `kpi grafana`: the newest values for Prometheus, and dashboards over the history for Grafana."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, write_json
from kpi_pipeline.cli.values import newest_complete
from kpi_pipeline.flow.freshness import source_freshness
from kpi_pipeline.history.database import address_of
from kpi_pipeline.reports import grafana as files_of_grafana
from kpi_pipeline.reports.grafana import Backend
from kpi_pipeline.reports.openmetrics import Newest, openmetrics
from kpi_pipeline.reports.render import write

app = typer.Typer(help="Grafana over the history store.", no_args_is_help=True)


def metrics(
    company: Annotated[list[str] | None, typer.Argument(help="Company ids (default: all).")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write a file whole, for node_exporter's textfile collector.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """The newest values, statuses and ages as OpenMetrics text, for Prometheus to scrape."""
    with options.open_workspace() as workspace:
        names = company or list(workspace.catalogue.companies)
        chosen = [workspace.company(name) for name in names]
        found = [Newest(each, newest_complete(workspace, each), source_freshness(workspace, each)) for each in chosen]
        now = workspace.now
    if as_json:
        write_json({each.company.id: {"kpis": each.rows, "sources": each.sources} for each in found})
        return
    text = openmetrics(found, now=now)
    if out is None:
        sys.stdout.write(text)
    else:
        console.print(f"{write(text, out)}", soft_wrap=True)


@app.command("write")
def write_grafana(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    company: Annotated[list[str] | None, typer.Option("--company", help="Only this one; may be given again.")] = None,
    path: Annotated[
        str | None, typer.Option("--path", help="Where Grafana will find the folder (default: where it is now).")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Write a data source and a dashboard for each group of KPIs, to be provisioned. No password is written."""
    with options.open_workspace() as workspace:
        names = company or list(workspace.catalogue.companies)
        chosen = {name: workspace.company(name) for name in names}
        address = address_of(workspace.settings.history_url)
        day = workspace.now.date()
    backend: Backend = "postgresql" if address.backend == "postgresql" else "sqlite"
    source = files_of_grafana.datasource(backend, host=address.host, database=address.database, user=address.user)
    found = files_of_grafana.files(chosen, backend, path or str(folder.resolve()), day)
    found["provisioning/datasources/kpi.yaml"] = source
    for name, content in found.items():
        write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode(), folder / name)
    if as_json:
        write_json({"folder": str(folder), "files": sorted(found)})
        return
    console.print(f"{len(found)} files in {folder}", soft_wrap=True)
    plugin = " and install the plugin frser-sqlite-datasource" if backend == "sqlite" else ""
    next_step(f"start Grafana with GF_PATHS_PROVISIONING={folder}/provisioning{plugin}")
