"""`kpi history`: what was reported, what is known now, why they differ, and whether all of it can be proved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, kpi_text, status_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.reports.restated import restated

app = typer.Typer(help="What was known when, what changed since and why, and the proofs of it.", no_args_is_help=True)
FINDING = 1

KpiOption = Annotated[str | None, typer.Option("--kpi", help="Only this KPI.")]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="As it was known at this instant, with a zone.")]


@app.command("restatements")
def list_restatements(
    company: options.CompanyArg,
    kpi: KpiOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Compare with what was known at this day or instant, not with what came first."),
    ] = None,
    known_at: KnownAt = None,
    every: Annotated[bool, typer.Option("--all", help="Also those too small to be material.")] = False,
    as_json: options.Json = False,
) -> None:
    """Numbers that were final and changed: KPI, day, as reported, now, the difference, and why by the receipts."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        if kpi is not None:
            options.company_and_kpi(workspace, company, kpi)
        found = restated(
            workspace.history,
            company_,
            kpi=kpi,
            since=None if since is None else options.parse_moment(since, company_.tz),
            known_at=None if known_at is None else options.parse_instant(known_at),
        )
    shown = [each for each in found if every or each.is_material]
    if as_json:
        write_json(shown)
        return
    _print_restatements(company_, shown, len(found) - len(shown))


def _print_restatements(company: Company, shown: list[Restatement], small: int) -> None:
    left_out = f", and {small} too small to be material (--all)" if small else ""
    if not shown:
        console.print(f"No number of {company.name} was restated{left_out}")
        return
    table(
        f"{company.name}: {len(shown)} restatements{left_out}",
        ("KPI", "day", "reported", "now", "Δ", "reported at", "restated at", "cause"),
        [_row(company, each) for each in shown],
        right=("reported", "now", "Δ"),
        whole=("day",),
    )
    next_step(f"kpi history corrections {company.id}, for what people said of them")


def _row(company: Company, each: Restatement) -> tuple[Any, ...]:
    kpi, language = company.kpis[each.kpi], company.language
    old = kpi_text(kpi, each.reported, language)
    new = kpi_text(kpi, each.now, language)
    if each.reported_status != each.now_status:
        new = f"{new} {status_text(each.now_status, language)}"
    delta = NOTHING if each.delta is None else f"{each.delta.normalize():+f}"
    why = "; ".join(f"{cause.kind}: {cause.evidence}" for cause in each.causes)
    return (
        kpi.title(language),
        each.day,
        old,
        new,
        delta,
        _local(company, each.reported_at),
        _local(company, each.restated_at),
        why,
    )


def _local(company: Company, instant: datetime) -> str:
    return f"{instant.astimezone(company.tz):%Y-%m-%d %H:%M}"
