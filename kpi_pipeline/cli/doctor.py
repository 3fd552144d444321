"""`kpi doctor`: is this installation able to do its work, and is it doing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import typer

from kpi_pipeline.alerts.channels import variables_of
from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, write_json
from kpi_pipeline.connectors import registry
from kpi_pipeline.errors import KpiError
from kpi_pipeline.flow.alive import Pulse, pulse
from kpi_pipeline.flow.deliveries import dead_letters
from kpi_pipeline.flow.freshness import source_freshness
from kpi_pipeline.flow.workspace import Workspace


def doctor(as_json: options.Json = False) -> None:
    """Check files, settings, storage, history and the age of every source; exit code of the worst finding."""
    findings: list[dict[str, object]] = []
    worst = 0

    def check(what: str, look: Callable[[], str]) -> None:
        nonlocal worst
        try:
            findings.append({"what": what, "ok": True, "found": look()})
        except KpiError as error:
            findings.append({"what": what, "ok": False, "found": str(error)})
            worst = max(worst, error.exit_code)

    with options.open_workspace() as workspace:
        check("companies", lambda: f"{sum(len(each.kpis) for each in workspace.catalogue.companies.values())} KPIs")
        check("history", lambda: str(workspace.history.engine.url.render_as_string(hide_password=True)))
        check("salt for personal data", lambda: f"{workspace.settings.hash_salt}")
        if worst != 11:
            for company in workspace.catalogue.companies.values():
                check(f"{company.id}: credentials", partial(_credentials, workspace, company))
                found = pulse(workspace, company)
                findings.append({"what": f"{company.id}: evaluation", "ok": found.alive, "found": _pulse(found)})
                worst = max(worst, 0 if found.alive else 1)
                dead = len(dead_letters(workspace, company))
                arrived = "all arrived or still tried" if not dead else f"{dead} given up; kpi alerts dead {company.id}"
                findings.append({"what": f"{company.id}: messages", "ok": not dead, "found": arrived})
                worst = max(worst, 1 if dead else 0)
                for item in source_freshness(workspace, company):
                    stale = item.is_stale(workspace.now)
                    newest = (
                        "never loaded" if item.newest_at is None else f"newest record {item.newest_at:%Y-%m-%d %H:%M}"
                    )
                    findings.append({"what": f"{company.id}: {item.source}", "ok": not stale, "found": newest})
                    worst = max(worst, 1 if stale else 0)
    if as_json:
        write_json(findings)
    else:
        for finding in findings:
            mark = "[green]✓[/]" if finding["ok"] else "[red]✗[/]"
            console.print(f"{mark} {finding['what']}: {finding['found']}", soft_wrap=True)
    if worst:
        raise typer.Exit(worst)


def _pulse(found: Pulse) -> str:
    """The dead-man's switch in words: nothing judged within 12 hours, or watched within 10 minutes, is a finding."""
    judged, watched = (
        "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC" for at in (found.judged_at, found.watched_at)
    )
    remedy = "" if found.alive else "; start the schedule and sensors (dagster-daemon, or make ui), or use kpi run"
    return f"KPIs judged {judged}, alerts watched {watched}{remedy}"


def _credentials(workspace: Workspace, company: Company) -> str:
    needed = [
        source.api_key
        for name, source in company.sources.items()
        if source.api_key is not None and registry.SOURCES[name].needs_key
    ]
    channels = [variable for channel in company.channels.values() for variable in variables_of(channel)]
    channels += [company.alerts.heartbeat] if company.alerts.heartbeat is not None else []
    found = workspace.settings.secrets((*needed, *channels))
    return f"{len(found)} set"
