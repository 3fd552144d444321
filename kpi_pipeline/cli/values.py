"""`kpi value` and `kpi show`: what history says about one KPI, and about all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from kpi_pipeline.catalogue import Company, Kpi, in_force
from kpi_pipeline.catalogue.display import NOTHING, count_text, kpi_text, sparkline, status_text, threshold_text
from kpi_pipeline.catalogue.evidence import counted
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import COLOURS, WIDE, console, next_step, plain, table, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.observation import Recorded

WEEKS = 26


def value(
    company: options.CompanyArg,
    kpi: options.KpiArg,
    on: options.On = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="As it was known at this instant, with a zone.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """One observation of a KPI, as recorded: value, numerator, denominator, n, status, and when it was known."""
    with options.open_workspace() as workspace:
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
        at = None if known_at is None else options.parse_instant(known_at)
        if on is None:
            row = workspace.history.newest(company, kpi, known_at=at)
        else:
            row = workspace.history.value(company, kpi, options.parse_day(on), known_at=at)
        signed = None if row is None else registers.by_hand(workspace, company_, kpi_, row.day)
    if row is None:
        raise UsageError(
            f"reading {company}/{kpi}" + (f" on {on}" if on else ""),
            "no observation was recorded" + (f" by {known_at}" if known_at else ""),
            remedy=f"`kpi backfill {company}` computes past months",
        )
    if as_json:
        write_json({**plain(row), "by_hand": signed})
        return
    console.print(_sentence(company_, kpi_, row))
    if signed is not None:
        console.print(f"  {registers.note(company_, signed)}", markup=False)


def show(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """The scorecard of a company: every KPI with value, target, status, n and its last 26 weeks."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        latest = newest_complete(workspace, company_)
        if as_json:
            signed = {
                name: registers.by_hand(workspace, company_, company_.kpis[name], latest[name].day) for name in latest
            }
            found = {name: {**plain(row), "by_hand": signed[name]} for name, row in latest.items()}
            write_json({kpi_id: found.get(kpi_id) for kpi_id in company_.kpis})
            return
        print_scorecard(workspace, company_, latest)
    next_step(f"kpi explain {company} KPI, for the records behind a value")


def newest_complete(workspace: Workspace, company: Company) -> dict[str, Recorded]:
    """The newest observation of each KPI whose business day is over."""
    yesterday = workspace.now.astimezone(company.tz).date() - timedelta(days=1)
    found = {}
    for kpi_id in company.kpis:
        rows = workspace.history.series(company.id, kpi_id, yesterday - timedelta(days=35), yesterday)
        if rows:
            found[kpi_id] = rows[-1]
    return found


def print_scorecard(workspace: Workspace, company: Company, latest: dict[str, Recorded]) -> None:
    """The headline KPIs as a table; companions are shown by `explain` and on the page."""
    language = company.language
    wide = console.width >= WIDE
    weeks = WEEKS if wide else WEEKS // 2
    rows: list[tuple[Any, ...]] = []
    for kpi in company.headline_kpis():
        row = latest.get(kpi.id)
        status = "no_data" if row is None else row.status
        target = None if row is None else in_force(kpi.target, row.day)
        rows.append(
            (
                f"[{COLOURS[status]}]{status_text(status, language)}[/]",
                kpi.title(language),
                NOTHING if row is None else kpi_text(kpi, row.value, language, reason=row.reason),
                threshold_text(target, kpi.unit, language),
                _trend(workspace, company, kpi, row, weeks),
                NOTHING if row is None else _count(company, kpi, row),
                ", ".join(_names(company, kpi)),
            )
        )
    days = sorted({str(row.day) for row in latest.values()})
    until = f", {days[-1]}" if days else ""
    words = {
        "nl": ("status", "KPI", "waarde", "doel", f"{weeks} weken", "n", "eigenaar"),
        "en": ("status", "KPI", "value", "target", f"{weeks} weeks", "n", "owner"),
    }[language]
    shown = len(words) if wide else len(words) - 1  # a narrow terminal does without owners
    title = f"{company.name}{until}"
    table(
        title,
        words[:shown],
        [row[:shown] for row in rows],
        right=(words[2], words[3], words[5]),
        whole=(words[0], words[4]),
    )
    for kpi in company.headline_kpis():
        row = latest.get(kpi.id)
        signed = None if row is None else registers.by_hand(workspace, company, kpi, row.day)
        if signed is not None:
            console.print(f"[dim]{kpi.title(language)}: {registers.note(company, signed)}[/dim]", soft_wrap=True)


def _count(company: Company, kpi: Kpi, row: Recorded) -> str:
    return count_text(counted(company, kpi, denominator=row.denominator, n=row.n), company.language)


def _trend(workspace: Workspace, company: Company, kpi: Kpi, row: Recorded | None, weeks: int) -> str:
    if row is None:
        return ""
    first = row.day - timedelta(weeks=weeks)
    by_day = {each.day: each.value for each in workspace.history.series(company.id, kpi.id, first, row.day)}
    return sparkline([by_day.get(row.day - timedelta(weeks=back)) for back in range(weeks, -1, -1)])


def _names(company: Company, kpi: Kpi) -> list[str]:
    return [company.rotas[owner].name if owner in company.rotas else company.people[owner].name for owner in kpi.owners]


def _sentence(company: Company, kpi: Kpi, row: Recorded) -> str:
    language = company.language
    shown = kpi_text(kpi, row.value, language, reason=row.reason)
    parts = [
        f"{kpi.title(language)}, {row.day}: [{COLOURS[row.status]}]{shown} {status_text(row.status, language)}[/]",
        f"  numerator {_exact(row.numerator)}, denominator {_exact(row.denominator)}, n {_exact(row.n)}",
        f"  target {row.target or NOTHING}, warning {row.warning or NOTHING}, critical {row.critical or NOTHING}",
        f"  period {row.period_start.isoformat()} to {row.period_end.isoformat()}"
        f"{'' if row.closed else ', still running'}{', provisional' if row.provisional else ''}",
        f"  recorded {row.recorded_at.isoformat()} ({row.cause}), definition v{row.definition_version}",
    ]
    return "\n".join(parts)


def _exact(value: Any) -> str:
    return NOTHING if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)
