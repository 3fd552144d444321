"""What `kpi demo` does and says: companies served, loaded, computed, told and written, and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import unescape
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import typer

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import STATUS, kpi_text, status_text
from kpi_pipeline.cli.output import COLOURS, console, next_step, table, write_json
from kpi_pipeline.cli.runs import execute_all, tell
from kpi_pipeline.cli.sandboxed import COMPANIES, sandboxed
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.flow.workspace import Workspace, read_catalogue
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.orchestration.launch import Ran
from kpi_pipeline.orchestration.tags import live_tags, month_of, months_tags
from kpi_pipeline.reports.navigation import INDEX
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.settings import Settings

if TYPE_CHECKING:
    from kpi_pipeline.alerts.outbox import Attempt

Latest = dict[str, Recorded]
# Needed when companies have ended. Imported while the last run computes, and not while vendors in here are asked.
AT_THE_END = (
    "kpi_pipeline.flow.tell",
    "kpi_pipeline.flow.watch",
    "kpi_pipeline.cli.values",
    # To say who filled in what by hand.
    "kpi_pipeline.metrics.engine",
    "kpi_pipeline.schemas.registers",
    "ibis.backends.duckdb.converter",
)
COUNTED = ("ok", "below_target", "warning", "critical", "no_data", "low_sample", "provisional", "stale", "unrated")


def demonstrate(company: list[str] | None, home: Path, *, as_json: bool, started: float) -> None:
    """All simulated companies, or these; `started` is when the command did (`clock.monotonic`)."""
    chosen = _chosen(company)
    catalogue = read_catalogue(Settings.from_environment())
    with sandboxed(home, companies=chosen, catalogue=catalogue) as (sandbox, settings):
        sandbox.prepare()
        if not as_json:
            console.print(f"[bold]Sandbox[/bold]: {len(chosen)} companies and their vendors on {sandbox.url}\n")

        def workspace_now() -> Workspace:
            return Workspace(settings, now=clock.now(), catalogue=catalogue)

        with workspace_now() as workspace:
            companies = [workspace.company(each) for each in chosen]
            plans = {each.id: _tags(each, workspace, sandbox) for each in companies}
        attempts: list[Attempt] = []

        def ended(name: str, company_ran: Ran) -> None:
            with workspace_now() as workspace:
                attempts.extend(tell(workspace, workspace.company(name), company_ran))

        def loaded(_company: str) -> None:
            Thread(target=_prepare_the_end, daemon=True).start()

        ran = execute_all(settings, catalogue, plans, quiet=as_json, loaded=loaded, ended=ended)
        from kpi_pipeline.cli.values import newest_complete

        with workspace_now() as workspace:
            latest = {each.id: newest_complete(workspace, each) for each in companies}
            seconds = clock.monotonic() - started
            if as_json:
                write_json(_document(companies, ran, latest, attempts, seconds, len(sandbox.requests)))
            else:
                _tell(workspace, companies, ran, latest)
                _tell_deliveries(sandbox)
                _tell_end(settings, companies, ran, seconds, len(sandbox.requests))
    if not all(each.success for each in ran.values()):
        raise typer.Exit(1)


def _prepare_the_end() -> None:
    for module in AT_THE_END:
        import_module(module)


def _chosen(company: list[str] | None) -> tuple[str, ...]:
    for name in company or ():
        if name not in COMPANIES:
            raise UsageError(
                f"serving {name!r}", "there is no such simulated company", remedy=f"Use one of {', '.join(COMPANIES)}"
            )
    return tuple(company) if company else COMPANIES


def _tags(company: Company, workspace: Workspace, sandbox: Sandbox) -> dict[str, str]:
    """All months since the company's history begins; only what is new when every stream was loaded before."""
    streams = [stream for found in loaded_streams(company).values() for stream in found]
    if all(workspace.landing.receipts(company.id, each.source, each.name) for each in streams):
        return live_tags(company, workspace.now)
    first = month_of(sandbox.starts_at(company.id).astimezone(company.tz).date())
    today = month_of(workspace.now.astimezone(company.tz).date())
    return months_tags(company.id, first, today)


def _document(
    companies: list[Company],
    ran: Mapping[str, Ran],
    latest: Mapping[str, Latest],
    attempts: list[Attempt],
    seconds: float,
    requests: int,
) -> dict[str, Any]:
    return {
        "success": all(each.success for each in ran.values()),
        "seconds": round(seconds, 1),
        "requests": requests,
        "failures": {company: each.failures for company, each in ran.items()},
        "deliveries": attempts,
        "kpis": {each.id: {kpi.id: latest[each.id].get(kpi.id) for kpi in each.headline_kpis()} for each in companies},
    }


def _tell(workspace: Workspace, companies: list[Company], ran: Mapping[str, Ran], latest: Mapping[str, Latest]) -> None:
    from kpi_pipeline.cli.values import print_scorecard

    for each in ran.values():
        for step, text in each.failures:
            console.print(f"[red]✗[/] {step}: {text}", soft_wrap=True)
    console.print()
    print_scorecard(workspace, companies[0], latest[companies[0].id])
    for company in companies:
        _tell_critical(company, latest[company.id])
    if len(companies) > 1:
        console.print()
        _tell_counts(companies, latest)


def _tell_critical(company: Company, latest: Latest) -> None:
    for kpi in company.headline_kpis():
        row = latest.get(kpi.id)
        if row is not None and row.status == "critical":
            shown = kpi_text(kpi, row.value, company.language)
            name = f"{company.name}: {kpi.title(company.language)}"
            console.print(f"\n[bold red]■[/] {name} {shown}, critical is {row.critical}")


def _tell_counts(companies: list[Company], latest: Mapping[str, Latest]) -> None:
    rows = []
    for company in companies:
        counted = Counter(
            row.status for kpi in company.headline_kpis() if (row := latest[company.id].get(kpi.id)) is not None
        )
        shown = [f"[{COLOURS[name]}]{counted[name]}[/]" if counted[name] else "" for name in COUNTED]
        rows.append((company.name, len(company.headline_kpis()), *shown))
    glyphs = [STATUS[name]["glyph"] for name in COUNTED]
    table("Headline KPIs by status", ("company", "KPIs", *glyphs), rows)
    legend = ", ".join(status_text(name, "en") for name in COUNTED)
    console.print(f"[dim]{legend}[/]")


def _tell_deliveries(sandbox: Sandbox) -> None:
    received = [
        (message["company"], kind, _headline(kind, message))
        for kind in ("slack", "teams", "mail")
        for message in sandbox.received.get(kind, [])
    ]
    if received:
        console.print()
        table("Delivered, as the receivers got it", ("company", "channel", "notice"), received)


def _tell_end(
    settings: Settings, companies: list[Company], ran: Mapping[str, Ran], seconds: float, requests: int
) -> None:
    console.print()
    for company in companies:
        overview = settings.reports_root / company.id / INDEX
        if overview.exists():
            console.print(f"[bold]Site[/bold]     {overview}", soft_wrap=True)
    runs = ", ".join(each.run_id[:8] for each in ran.values())
    console.print(f"[bold]Done[/bold]     {seconds:.0f} s, {requests:,} requests, runs {runs}")
    next_step("make ui, to see it all in Dagster")


def _headline(kind: str, received: dict[str, Any]) -> str:
    """What a person reads first in a message, as its channel carries it."""
    if kind == "mail":
        return str(received["subject"])
    message = received["message"]
    if kind == "slack":
        return unescape(message["text"])  # Slack wants < > & as entities and shows them as they are
    return str(message["attachments"][0]["content"]["fallbackText"])
