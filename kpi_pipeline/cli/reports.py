"""`kpi report build`, `send`, `due` and `comment`: make the periodic reports, see which are due, write in them."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from kpi_pipeline.catalogue.periods import newest_due
from kpi_pipeline.catalogue.reporting import Format
from kpi_pipeline.cli import options
from kpi_pipeline.cli.archive import list_reports, verify
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.cli.site import site
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import packs
from kpi_pipeline.flow.publish import weekly_scorecard
from kpi_pipeline.flow.sending import is_sent
from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.flow.written import write_comment
from kpi_pipeline.history import archive

app = typer.Typer(help="Periodic reports.", no_args_is_help=True)
app.command("list")(list_reports)
app.command()(verify)
app.command()(site)

ReportArg = Annotated[str, typer.Argument(help="Report id, for example monthly_review; `kpi report due` lists them.")]
Period = Annotated[
    str | None, typer.Option("--period", help="For example 2026-W47, 2026-11 or 2026-Q4 (default: the newest due).")
]


@app.command()
def build(
    company: options.CompanyArg,
    report: Annotated[str | None, typer.Argument(help="Report id (default: all the company declares).")] = None,
    period: Period = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="As history was known at this instant, with a zone.")
    ] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="html, json, pdf, xlsx, mail: one or several, with commas.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Make a report of a period from history, in each of its formats; archive it and publish it with the pages."""
    chosen = _formats(formats)
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        if report is None and period is not None:
            raise UsageError(
                f"building the reports of {company} for {period}",
                "reports have periods of different lengths",
                remedy="Name the report too, such as `kpi report build mister_dj monthly_review --period 2026-11`",
            )
        at = None if known_at is None else options.parse_instant(known_at)
        wanted = company_.reports.values() if report is None else [packs.report_of(company_, report)]
        made: list[packs.Made] = []
        for each in wanted:
            period_ = packs.period_of(company_, each, period, workspace.now if at is None else at)
            made += packs.make(workspace, company_, each, period_, known_at=at, formats=chosen)
        pages = [(each.report, each.period, each.path) for each in made]
        if not wanted:  # a company that declares no reports still has its scorecard
            path, card = weekly_scorecard(workspace, company_)
            pages.append(("weekly_scorecard", f"{card.year}-W{card.week:02d}", path))
    if as_json:
        write_json([{"report": name, "period": when, "file": str(path)} for name, when, path in pages])
        return
    for _, _, path in pages:
        console.print(f"{path}", soft_wrap=True)
    if made:
        next_step(f"kpi report verify {made[0].path}, whenever you want to know that it is still what it was")


@app.command()
def send(
    company: options.CompanyArg,
    report: ReportArg,
    period: Period = None,
    again: Annotated[bool, typer.Option("--again", help="Also when it was sent already.")] = False,
    as_json: options.Json = False,
) -> None:
    """Make a report and send it to all whom reports.yaml names: channels, people, folders; once a period."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = packs.report_of(company_, report)
        when = packs.period_of(company_, found, period, workspace.now)
        if not found.send:
            raise UsageError(
                f"sending {report} of {company}",
                "it goes nowhere",
                remedy=f"Add `send` to it in companies/{company}/reports.yaml",
            )
        if not again and is_sent(workspace, company_, found, when.name):
            raise UsageError(
                f"sending {report} of {company} for {when.name}",
                "it was sent already",
                remedy="Give --again to send it as it is now",
            )
        packs.make(workspace, company_, found, when, sending="again")
        attempts = deliver(workspace, company_, flush=True)
    if as_json:
        write_json(attempts)
    else:
        for each in attempts:
            console.print(f"{each.outcome}  {each.channel}  {each.headline}  {each.error or ''}", markup=False)
    if any(each.outcome != "sent" for each in attempts):
        raise typer.Exit(20)


@app.command()
def due(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """The reports a company declares: for whom, how often, the newest period that is due, and whether it was made."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        kept = {(entry.report, entry.period): entry for entry in archive.entries(workspace.history, company)}
        rows: list[dict[str, Any]] = []
        for each in company_.reports.values():
            newest = newest_due(each.period, each.due, company_.tz, workspace.now, running=each.running)
            entry = None if newest is None else kept.get((each.id, newest.name))
            rows.append(
                {
                    "report": each.id,
                    "name": each.title(company_.language),
                    "every": str(each.period),
                    "due": str(each.due),
                    "for": each.audience,
                    "newest_due": None if newest is None else newest.name,
                    "made_at": None if entry is None else entry.recorded_at,
                    "sent": newest is not None and bool(each.send) and is_sent(workspace, company_, each, newest.name),
                }
            )
    if as_json:
        write_json(rows)
        return
    table(
        f"{company_.name}: {len(rows)} reports",
        ("report", "every", "due", "newest due", "made", "sent", "for"),
        [
            (
                row["report"],
                row["every"],
                row["due"],
                row["newest_due"] or "not yet",
                "no" if row["made_at"] is None else f"{row['made_at'].astimezone(company_.tz):%Y-%m-%d %H:%M}",
                "yes" if row["sent"] else "no",
                row["for"],
            )
            for row in rows
        ],
        whole=("report", "newest due"),
    )
    next_step(f"kpi report build {company}, to make the newest of each")


@app.command()
def comment(
    company: options.CompanyArg,
    report: ReportArg,
    text: Annotated[str, typer.Option("--text", help="What you want to say.")],
    by: Annotated[str, typer.Option("--by", help="Who says so: a person of company.yaml.")],
    section: Annotated[str, typer.Option("--section", help="Which section it is for, as the report names it.")] = "",
    kpi: Annotated[str, typer.Option("--kpi", help="Which KPI it is about.")] = "",
    period: Period = None,
    cause: Annotated[str, typer.Option("--cause", help="Of a focus: the probable cause.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Of an action: who does it.")] = "",
    until: Annotated[str | None, typer.Option("--due", help="Of an action: until which day, YYYY-MM-DD.")] = None,
    closes: Annotated[int | None, typer.Option("--closes", help="Number of the action that is done.")] = None,
    as_json: options.Json = False,
) -> None:
    """Write in a section of a report, or beside a KPI of it; kept with author and time, never rewritten."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = packs.report_of(company_, report)
        when = packs.period_of(company_, found, period, workspace.now)
        kept = write_comment(
            workspace,
            company_,
            found,
            when,
            author=by,
            text=text,
            section=section,
            kpi=kpi,
            cause=cause,
            owner=owner,
            due=None if until is None else options.parse_day(until),
            closes=closes,
        )
    if as_json:
        write_json(kept)
        return
    console.print(f"Kept as number {kept.number}, for {report} of {kept.period}", markup=False)
    next_step(f"kpi report build {company} {report} --period {kept.period}")


def _formats(text: str | None) -> list[Format]:
    known = get_args(Format)
    wanted = [] if text is None else [each.strip() for each in text.split(",") if each.strip()]
    for each in wanted:
        if each not in known:
            raise UsageError(
                f"building a report as {each!r}", "there is no such format", remedy=f"Use {', '.join(known)}"
            )
    return wanted  # type: ignore[return-value]
