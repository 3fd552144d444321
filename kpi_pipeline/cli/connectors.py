"""`kpi connector`: which sources can be read, and whether a company's accounts answer."""

from __future__ import annotations

from datetime import timedelta

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, table, write_json
from kpi_pipeline.connectors import registry
from kpi_pipeline.errors import KpiError
from kpi_pipeline.landing.page import Window

app = typer.Typer(help="Sources that can be read.", no_args_is_help=True)


@app.command(name="list")
def list_connectors(as_json: options.Json = False) -> None:
    """Every source with its streams."""
    rows = [
        (name, stream.name, stream.read, stream.changes, str(stream.lookback))
        for name in registry.SOURCES
        for stream in registry.streams(name)
    ]
    if as_json:
        write_json([dict(zip(("source", "stream", "read", "changes", "lookback"), row, strict=True)) for row in rows])
        return
    table("", ("source", "stream", "read", "changes", "lookback"), rows)


@app.command()
def check(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Read one hour of the first stream of each source; exit code of the worst error."""
    results: list[dict[str, object]] = []
    worst: KpiError | None = None
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        for source in company_.sources:
            try:
                connector = workspace.connector(company_, source)
                try:
                    window = Window(workspace.now - timedelta(hours=1), workspace.now)
                    records = sum(page.count for page in connector.read(connector.streams[0], window))
                finally:
                    connector.close()
                results.append({"source": source, "answers": True, "records": records, "error": None})
            except KpiError as error:
                results.append({"source": source, "answers": False, "records": 0, "error": str(error)})
                if worst is None or error.exit_code > worst.exit_code:
                    worst = error
    if as_json:
        write_json(results)
    else:
        for result in results:
            mark = "[green]✓[/]" if result["answers"] else "[red]✗[/]"
            console.print(f"{mark} {result['source']}: {result['error'] or 'answers'}", soft_wrap=True)
    if worst is not None:
        raise typer.Exit(worst.exit_code)
