"""`kpi history`: what was reported, what is known now, why they differ, and whether all of it can be proved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, kpi_text, status_text
from kpi_pipeline.cli import history_log, history_proof, options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.flow.audited import yesterday
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.history.told import told
from kpi_pipeline.reports.restated import restated

app = typer.Typer(help="What was known when, what changed since and why, and the proofs of it.", no_args_is_help=True)
app.command("correct")(history_log.correct)
app.command("corrections")(history_log.list_corrections)
app.command("log")(history_log.log)
app.command("verify")(history_proof.verify)
app.command("audit")(history_proof.audit)

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


@app.command()
def series(
    company: options.CompanyArg,
    kpi: options.KpiArg,
    first: Annotated[str | None, typer.Option("--first", help="First day (default: 30 days before the last).")] = None,
    last: Annotated[str | None, typer.Option("--last", help="Last day (default: yesterday).")] = None,
    known_at: KnownAt = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only days that were told differently.")] = False,
    as_json: options.Json = False,
) -> None:
    """A KPI day by day: as first reported, as known at an instant, as known now."""
    with options.open_workspace() as workspace:
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
        end = yesterday(workspace, company_) if last is None else options.parse_day(last)
        start = end - timedelta(days=30) if first is None else options.parse_day(first)
        at = workspace.now if known_at is None else options.parse_instant(known_at)
        found = told(workspace.history, company, kpi, start, end, known_at=at)
    if changed:
        found = [each for each in found if len({_value(row) for row in (each.reported, each.known, each.now)}) > 1]
    if as_json:
        write_json(found)
        return

    def shown(row: Recorded | None) -> str:
        return NOTHING if row is None else kpi_text(kpi_, row.value, company_.language, reason=row.reason)

    table(
        f"{kpi_.title(company_.language)}, {start} to {end}",
        ("day", "as reported", f"known {_local(company_, at)}", "now", "status", "revisions", "known since"),
        [
            (
                each.day,
                shown(each.reported),
                shown(each.known),
                shown(each.now),
                NOTHING if each.now is None else status_text(each.now.status, company_.language),
                each.revisions,
                NOTHING if each.now is None else f"{_local(company_, each.now.recorded_at)} ({each.now.cause})",
            )
            for each in found
        ],
        right=("as reported", "now", "revisions"),
        whole=("day",),
    )


def _value(row: Recorded | None) -> object:
    return None if row is None else (row.value, row.text_value)


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
    delta = NOTHING if each.delta is None else f"{each.delta.normalize():+f}".replace("-", "−")
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
