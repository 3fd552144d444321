"""`kpi demo`: the whole flow on a simulated company, over real HTTP, with nothing to set up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, table, write_json
from kpi_pipeline.cli.runs import execute
from kpi_pipeline.cli.sandboxed import HOME, sandboxed
from kpi_pipeline.cli.values import newest_complete, print_scorecard
from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.jobs import live_tags
from kpi_pipeline.orchestration.launch import Ran
from kpi_pipeline.orchestration.partitions import RANGE_END, RANGE_START, month_of
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.settings import Settings

COMPANY = "mister_dj"


def demo(
    home: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = HOME,
    as_json: options.Json = False,
) -> None:
    """Serve a simulated company, load 13 months, compute its KPIs, deliver alerts, write the report.

    The second time only what is new is loaded.
    """
    started = clock.monotonic()
    if not as_json:
        console.print("[bold]Sandbox[/bold]: Stripe, HubSpot, Typeform, UptimeRobot, Linear, Prometheus and registers")
    with sandboxed(home) as (sandbox, settings):
        world = sandbox.world(COMPANY)
        if not as_json:
            console.print(f"  {sandbox.url}, 13 months of {COMPANY} since {world.starts_at:%Y-%m-%d}\n")
        with Workspace(settings, now=clock.now()) as workspace:
            company = workspace.company(COMPANY)
            again = workspace.landing.watermark(COMPANY, "stripe", "customers") is not None
            tags = _tags(company, workspace, month_of(world.starts_at.astimezone(company.tz).date()), again)
        ran = execute(settings, company, "refresh", tags, quiet=as_json)
        with Workspace(settings, now=clock.now()) as workspace:
            attempts = deliver(workspace, company)
            seconds = clock.monotonic() - started
            if as_json:
                latest = newest_complete(workspace, company)
                write_json(
                    {
                        "success": ran.success,
                        "seconds": round(seconds, 1),
                        "requests": len(sandbox.requests),
                        "failures": ran.failures,
                        "deliveries": attempts,
                        "kpis": {kpi.id: latest.get(kpi.id) for kpi in company.headline_kpis()},
                    }
                )
            else:
                _tell(workspace, company, sandbox, settings, ran, seconds)
    if not ran.success:
        raise typer.Exit(1)


def _tags(company: Company, workspace: Workspace, first: str, again: bool) -> dict[str, str]:
    if again:
        return live_tags(company, workspace.now)
    today = month_of(workspace.now.astimezone(company.tz).date())
    return {RANGE_START: first, RANGE_END: today, naming.COMPANY_TAG: company.id}


def _tell(
    workspace: Workspace, company: Company, sandbox: Sandbox, settings: Settings, ran: Ran, seconds: float
) -> None:
    for step, text in ran.failures:
        console.print(f"[red]✗[/] {step}: {text}", soft_wrap=True)
    console.print()
    latest = newest_complete(workspace, company)
    print_scorecard(workspace, company, latest)
    for kpi in company.headline_kpis():
        row = latest.get(kpi.id)
        if row is not None and row.status == "critical":
            shown = kpi_text(kpi, row.value, company.language)
            console.print(f"\n[bold red]■[/] {kpi.title(company.language)} {shown}, critical is {row.critical}")
    received = [
        (kind, _headline(kind, message))
        for kind in ("slack", "teams", "mail")
        for message in sandbox.received.get(kind, [])
    ]
    if received:
        console.print()
        table("Delivered, as the receivers got it", ("channel", "notice"), received)
    pages = sorted((settings.reports_root / company.id).glob("*.html"))
    console.print()
    if pages:
        console.print(f"[bold]Report[/bold]   {pages[-1]}", soft_wrap=True)
    console.print(f"[bold]Done[/bold]     {seconds:.0f} s, {len(sandbox.requests):,} requests, run {ran.run_id[:8]}")
    console.print("[dim]Next:[/dim] make ui, to see it all in Dagster")


def _headline(kind: str, received: dict[str, Any]) -> str:
    """What a person reads first in a message, as its channel carries it."""
    if kind == "mail":
        return str(received["subject"])
    message = received["message"]
    if kind == "slack":
        return str(message["text"])
    return str(message["attachments"][0]["content"]["fallbackText"])
