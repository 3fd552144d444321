"""`kpi catalogue check`, `accept`, `schema` and `pages`: judge the companies' files, keep and print what they mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.analytics import TABLES
from kpi_pipeline.catalogue import inspect, lock
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, write_json
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.errors import CatalogueError
from kpi_pipeline.facts import columns
from kpi_pipeline.metrics import kinds, windows
from kpi_pipeline.settings import Settings

SEVERITIES = {"error": "errors", "contradiction": "contradictions", "warning": "warnings"}


def check(as_json: options.Json = False) -> None:
    """Every finding of every file with its line: errors (exit code 11), contradictions of a framework, warnings."""
    root = Settings.from_environment().companies_root
    found, issues = inspect(root, kinds.PARAMS, columns(), windows.parse, SOURCES, TABLES)
    broken = {issue.file.partition("/")[0] for issue in issues if issue.severity == "error"}
    for company in found.companies.values():
        if company.id not in broken:  # what could not be read would look like gone or rewritten
            issues += lock.compare(company, root)
    issues.sort(key=lambda issue: (issue.file, issue.line))
    counts = {many: sum(issue.severity == one for issue in issues) for one, many in SEVERITIES.items()}
    kpis = sum(len(company.kpis) for company in found.companies.values())
    rules = sum(len(rules_of(company)) for company in found.companies.values())
    if as_json:
        write_json({"issues": issues, "kpis": kpis, "rules": rules, **counts})
    else:
        for issue in issues:
            console.print(str(issue), markup=False, soft_wrap=True)
        console.print(
            f"{kpis} KPIs, {rules} alert rules, {', '.join(f'{count} {many}' for many, count in counts.items())}"
        )
    if counts["errors"]:
        raise typer.Exit(CatalogueError.exit_code)


def accept(
    company: Annotated[list[str] | None, typer.Argument(help="Company ids (default: all).")] = None,
    as_json: options.Json = False,
) -> None:
    """Keep what every KPI means now in definitions.lock; refused for a KPI that changed under the same version."""
    with options.open_workspace() as workspace:
        chosen = [workspace.company(each) for each in company or workspace.catalogue.companies]
        paths = [lock.accept(each, workspace.settings.companies_root) for each in chosen]
    if as_json:
        write_json(
            [
                {"company": each.id, "kpis": len(each.kpis), "lock": str(path)}
                for each, path in zip(chosen, paths, strict=True)
            ]
        )
        return
    for each, path in zip(chosen, paths, strict=True):
        console.print(f"{len(each.kpis)} KPIs of {each.name}: {path}", markup=False, soft_wrap=True)


def schema(
    write: Annotated[bool, typer.Option("--write", help="Write the files beside the companies.")] = False,
    as_json: options.Json = False,
) -> None:
    """JSON Schema of company.yaml, kpis.yaml and alerts.yaml for editors; a YAML file names it in its first line."""
    from kpi_pipeline.catalogue.json_schema import schemas
    from kpi_pipeline.catalogue.load import NO_COMPANY

    found = schemas(kinds.PARAMS, columns(), TABLES)
    if not write:
        write_json(found)
        return
    folder = Settings.from_environment().companies_root / NO_COMPANY
    folder.mkdir(exist_ok=True)
    for name, content in found.items():
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if as_json:
        write_json({"folder": str(folder), "files": list(found)})
        return
    console.print(f"{', '.join(found)}: {folder}", markup=False, soft_wrap=True)


def pages(
    company: Annotated[list[str] | None, typer.Argument(help="Company ids (default: all).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to (default: with the reports).")] = None,
    sql: Annotated[bool, typer.Option("--sql/--no-sql", help="With the query of each KPI.")] = True,
    as_json: options.Json = False,
) -> None:
    """Write a page for every KPI: definition, SQL, lineage, owners, targets over time, contradictions."""
    from kpi_pipeline.flow.pages import definitions_folder, write_definitions

    written = {}
    with options.open_workspace() as workspace:
        for name in company or workspace.catalogue.companies:
            each = workspace.company(name)
            target = definitions_folder(workspace.settings.reports_root if out is None else out, each)
            written[str(target)] = len(write_definitions(workspace, each, to=target, with_sql=sql))
    if as_json:
        write_json([{"folder": where, "pages": count} for where, count in written.items()])
        return
    for where, count in written.items():
        console.print(f"{count} pages: {where}", markup=False, soft_wrap=True)
