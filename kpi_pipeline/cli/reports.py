"""`kpi report`: write the report pages."""

from __future__ import annotations

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, write_json
from kpi_pipeline.flow.publish import weekly_scorecard

app = typer.Typer(help="Report pages.", no_args_is_help=True)


@app.command()
def build(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Write the weekly scorecard page from history."""
    with options.open_workspace() as workspace:
        path, card = weekly_scorecard(workspace, workspace.company(company))
    if as_json:
        write_json({"page": str(path), "year": card.year, "week": card.week, "complete": card.complete})
    else:
        console.print(f"{path}", soft_wrap=True)
