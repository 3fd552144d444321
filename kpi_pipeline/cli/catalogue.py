"""`kpi catalogue`: check the files of the companies, list and show what they declare."""

from __future__ import annotations

from typing import Annotated

import typer

from kpi_pipeline.catalogue import inspect
from kpi_pipeline.catalogue.display import threshold_text
from kpi_pipeline.catalogue.model import in_force
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, table, write_json
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.errors import CatalogueError
from kpi_pipeline.facts import columns
from kpi_pipeline.metrics import kinds, windows, words
from kpi_pipeline.settings import Settings

app = typer.Typer(help="Check, list and show what the companies declare.", no_args_is_help=True)


@app.command()
def check(as_json: options.Json = False) -> None:
    """Every issue of every file with its line; exit code 11 when one is an error."""
    root = Settings.from_environment().companies_root
    found, issues = inspect(root, kinds.PARAMS, columns(), windows.parse, SOURCES)
    errors = [issue for issue in issues if issue.severity == "error"]
    contradictions = [issue for issue in issues if issue.severity == "contradiction"]
    warnings = len(issues) - len(errors) - len(contradictions)
    if as_json:
        write_json({"issues": issues, "errors": len(errors), "contradictions": len(contradictions)})
    else:
        for issue in issues:
            console.print(str(issue), markup=False, soft_wrap=True)
        total = sum(len(company.kpis) for company in found.companies.values())
        console.print(f"{total} KPIs, {len(errors)} errors, {len(contradictions)} contradictions, {warnings} warnings")
    if errors:
        raise typer.Exit(CatalogueError.exit_code)


@app.command(name="list")
def list_kpis(
    company: Annotated[str | None, typer.Argument(help="Company id (default: all).")] = None,
    as_json: options.Json = False,
) -> None:
    """The KPIs of a company, companions indented."""
    with options.open_workspace() as workspace:
        chosen = [workspace.company(company)] if company else list(workspace.catalogue.companies.values())
    if as_json:
        write_json([{"company": each.id, "kpis": list(each.kpis)} for each in chosen])
        return
    for each in chosen:
        rows = []
        for kpi in each.headline_kpis():
            rows.append((kpi.id, kpi.title(each.language), kpi.kind, kpi.window, ", ".join(kpi.owners)))
            rows.extend(
                (f"  {extra.id}", extra.title(each.language), extra.kind, extra.window, "")
                for extra in each.companions(kpi.id)
            )
        table(each.name, ("id", "name", "kind", "window", "owners"), rows)


@app.command()
def show(company: options.CompanyArg, kpi: options.KpiArg, as_json: options.Json = False) -> None:
    """One definition: in words, as parameters, with targets and where it is written."""
    with options.open_workspace() as workspace:
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
    if as_json:
        write_json({**kpi_.model_dump(mode="json"), "definition_hash": kpi_.definition_hash})
        return
    language = company_.language
    console.print(f"[bold]{kpi_.title(language)}[/bold]  {kpi_.file}:{kpi_.line}")
    console.print(words.describe(kpi_, language), markup=False)
    for label in ("target", "warning", "critical"):
        for threshold in getattr(kpi_, label):
            since = f" since {threshold.since}" if threshold.since else ""
            console.print(f"  {label} {threshold_text(threshold, kpi_.unit, language)}{since}")
    now = in_force(kpi_.target, workspace.now.astimezone(company_.tz).date())
    console.print(f"  in force today: target {threshold_text(now, kpi_.unit, language)}")
    console.print(f"  {kpi_.origin}", markup=False)
