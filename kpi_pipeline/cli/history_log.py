"""`kpi history correct`, `corrections` and `log`: what people said of numbers, and what runs did."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.journal import write_file
from kpi_pipeline.history import corrections as kept
from kpi_pipeline.history import journal
from kpi_pipeline.history.corrections import Correction
from kpi_pipeline.reports.corrected import write_corrections


def correct(
    company: options.CompanyArg,
    kpi: options.KpiArg,
    by: Annotated[str, typer.Option("--by", help="Who says so: a person of company.yaml.")],
    reason: Annotated[str, typer.Option("--reason", help="What was wrong, in words.")],
    on: Annotated[str, typer.Option("--on", help="First day it speaks of, YYYY-MM-DD.")],
    until: Annotated[str | None, typer.Option("--until", help="Last day it speaks of (default: the first).")] = None,
    action: Annotated[str, typer.Option("--action", help="What was done so that it does not happen again.")] = "",
    as_json: options.Json = False,
) -> None:
    """Put a correction of a KPI in the log, with author and reason. It changes no number: those follow from records."""
    with options.open_workspace() as workspace:
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
        first = options.parse_day(on)
        last = first if until is None else options.parse_day(until)
        if by not in company_.people:
            raise UsageError(
                f"keeping a correction by {by!r}",
                "there is no such person",
                remedy=f"{company_.file} knows {', '.join(company_.people)}",
            )
        if not reason.strip():
            raise UsageError("keeping a correction", "it has no reason", remedy="Say with --reason what was wrong")
        if last < first:
            raise UsageError(
                "keeping a correction", f"{last} lies before {first}", remedy="Give the earlier day with --on"
            )
        entry = Correction(company, kpi_.id, first, last, by, reason.strip(), action.strip(), workspace.now)
        found = kept.add(workspace.history, entry)
        path = write_corrections(workspace.history, company_, workspace.settings.reports_root)
    if as_json:
        write_json({**_plain(found), "file": str(path)})
        return
    console.print(f"Correction {found.number} of {company_.name} is in {path}", soft_wrap=True)
    next_step(f"kpi history corrections {company}, to see them all")


def list_corrections(
    company: options.CompanyArg,
    kpi: Annotated[str | None, typer.Option("--kpi", help="Only this KPI.")] = None,
    as_json: options.Json = False,
) -> None:
    """The log of corrections: number, when, which KPI and days, by whom, why, and what was done."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = kept.corrections(workspace.history, company, kpi=kpi)
    if as_json:
        write_json([_plain(each) for each in found])
        return
    table(
        f"{company_.name}: {len(found)} corrections",
        ("no", "recorded", "KPI", "days", "by", "reason", "action"),
        [
            (
                each.number,
                f"{each.recorded_at.astimezone(company_.tz):%Y-%m-%d %H:%M}",
                each.kpi,
                str(each.first_day) if each.first_day == each.last_day else f"{each.first_day} – {each.last_day}",
                company_.people[each.author].name if each.author in company_.people else each.author,
                each.reason,
                each.action,
            )
            for each in found
        ],
        right=("no",),
    )


def log(
    company: options.CompanyArg,
    run: Annotated[str | None, typer.Option("--run", help="Only this run, by the start of its id.")] = None,
    newest: Annotated[int, typer.Option("--newest", min=1, help="How many events, counted from the last.")] = 40,
    as_json: options.Json = False,
) -> None:
    """The run log: every run with its steps, what they had, and what failed and why."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = journal.events(workspace.history, company, run_id=run, newest=newest)
        path = write_file(workspace, company_)
    if as_json:
        write_json(found)
        return
    colours = {"ok": "green", "failed": "red", "started": "dim"}
    rows: list[tuple[Any, ...]] = [
        (
            f"{each.at.astimezone(company_.tz):%Y-%m-%d %H:%M:%S}",
            each.run_id[:8],
            each.step,
            f"[{colours[each.outcome]}]{each.outcome}[/]",
            ", ".join(f"{name} {value}" for name, value in each.content.items()),
        )
        for each in found
    ]
    table(f"{company_.name}: the newest {len(rows)} events", ("at", "run", "step", "outcome", "what"), rows)
    console.print(f"[dim]All of it:[/dim] {path}", soft_wrap=True)


def _plain(entry: Correction) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Correction.__match_args__}
