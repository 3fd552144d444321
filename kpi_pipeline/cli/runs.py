"""`kpi run` and `kpi backfill`: the same jobs as in the UI, run here and now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, write_json
from kpi_pipeline.cli.progress import watched
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration.launch import Ran, joined, run_side_by_side
from kpi_pipeline.orchestration.tags import live_tags, months_tags
from kpi_pipeline.settings import Settings

if TYPE_CHECKING:
    from kpi_pipeline.alerts.outbox import Attempt

Month = Annotated[str, typer.Option(help="Month, YYYY-MM.")]


def run(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Load what is new and compute the months that late records may still change, as the schedule does."""
    settings = Settings.from_environment()
    with Workspace(settings, now=clock.now()) as workspace:
        company_ = workspace.company(company)
        tags = live_tags(company_, workspace.now)
    finish(company_, execute(settings, company_, "refresh", tags, quiet=as_json), as_json)


def backfill(
    company: options.CompanyArg,
    first: Month,
    last: Annotated[str | None, typer.Option(help="Month, YYYY-MM (default: the running month).")] = None,
    only: Annotated[str, typer.Option(help="refresh (all), landing or kpis.")] = "refresh",
    as_json: options.Json = False,
) -> None:
    """Read whole months again and compute all of their days, in one run."""
    settings = Settings.from_environment()
    with Workspace(settings, now=clock.now()) as workspace:
        catalogue, company_ = workspace.catalogue, workspace.company(company)
    if only not in ("refresh", "landing", "kpis"):
        raise UsageError(f"backfilling only {only!r}", "there is no such job", remedy="Use refresh, landing or kpis")
    from kpi_pipeline.orchestration.partitions import months

    keys = months.get_partition_keys()
    end = keys[-1] if last is None else last
    for key in (first, end):
        if key not in keys:
            raise UsageError(
                f"backfilling {first} to {end}",
                f"{key!r} is not a month we keep",
                remedy=f"Months run from {keys[0]} to {keys[-1]}",
            )
    if first > end:
        raise UsageError(f"backfilling {first} to {end}", "it ends before it starts", remedy="Give --first first")
    tags = months_tags(company, first, end)
    if only == "refresh":
        ran = execute_all(settings, catalogue, {company: tags}, quiet=as_json)[company]
    else:
        ran = execute(settings, company_, only, tags, quiet=as_json)
    finish(company_, ran, as_json)


def execute(settings: Settings, company: Company, job: str, tags: dict[str, str], *, quiet: bool) -> Ran:
    """Run a job of a company to its end, in this process."""
    from kpi_pipeline.orchestration.execution import open_instance, run_job
    from kpi_pipeline.orchestration.resources import silent

    with open_instance(settings) as instance:
        if quiet:
            return run_job(settings, f"{company.id}_{job}", tags, silent, instance)
        with watched([company]) as progress:
            ran = run_job(settings, f"{company.id}_{job}", tags, partial(progress, company.id), instance)
            if ran.success and job == "refresh":
                progress.finish(company.id)
            return ran


def execute_all(
    settings: Settings,
    catalogue: Catalogue,
    plans: Mapping[str, Mapping[str, str]],
    *,
    quiet: bool,
    loaded: Callable[[str], None] | None = None,
    ended: Callable[[str, Ran], None] | None = None,
) -> dict[str, Ran]:
    """Refresh companies (id → tags of the run) side by side; what each came to, by company.

    `loaded` is told of each company that is read and now computed; `ended` what each came to, while others go on.
    """
    told = None if ended is None else lambda company, runs: ended(company, joined(runs))
    if quiet:
        ran = run_side_by_side(settings, catalogue, plans, nobody, loaded=loaded, ended=told)
    else:
        with watched([catalogue.companies[company] for company in plans]) as progress:
            ran = run_side_by_side(settings, catalogue, plans, progress, loaded=loaded, ended=told)
            for company, runs in ran.items():
                if all(each.success for each in runs):
                    progress.finish(company)
    return {company: joined(runs) for company, runs in ran.items()}


def nobody(_company: str, _what: str, _count: int) -> None:
    """Progress that nobody watches."""


def tell(workspace: Workspace, company: Company, ran: Ran) -> list[Attempt]:
    """Note what failed, look at what time brought, and send what is due; as the sensors do when the UI runs."""
    from kpi_pipeline.flow.tell import deliver  # half a second, which no run has to wait for
    from kpi_pipeline.flow.watch import tell_failure, tell_success, watch

    job = f"{company.id}_refresh"
    if ran.success:
        tell_success(workspace, company, job)
    else:
        tell_failure(workspace, company, job, ran.run_id, dict(ran.failures))
    watch(workspace, company)
    return deliver(workspace, company, flush=True)


def finish(company: Company, ran: Ran, as_json: bool) -> None:
    """Deliver, print what happened, and leave with the exit code of the failure, if any."""
    with options.open_workspace() as workspace:
        attempts = tell(workspace, company, ran)
    if as_json:
        write_json({"run_id": ran.run_id, "success": ran.success, "failures": ran.failures, "deliveries": attempts})
    else:
        for step, text in ran.failures:
            console.print(f"[red]✗[/] {step}: {text}", soft_wrap=True)
        for attempt in attempts:
            console.print(f"{attempt.channel}: {attempt.outcome}: {attempt.headline}", markup=False)
        next_step(f"kpi show {company.id}")
    if not ran.success:
        raise typer.Exit(ran.exit_code)
