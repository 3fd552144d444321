"""`kpi alerts test`: what rules would tell, proved on written stories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.timelines.coverage import unproved
from kpi_pipeline.flow.timelines.script import read_timelines
from kpi_pipeline.flow.timelines.verdict import Verdict, judge

Paths = Annotated[
    list[Path] | None, typer.Argument(help="Files or folders of timelines (default: `timelines` of every company).")
]
UnprovedToo = Annotated[
    bool, typer.Option("--unproved", help="List rules that no timeline shows quiet, told and over; exit code 1 if any.")
]
Trace = Annotated[bool, typer.Option("--trace", help="Print what happened in every timeline, also where it holds.")]


def play(paths: Paths = None, trace: Trace = False, rules: UnprovedToo = False, as_json: options.Json = False) -> None:
    """Play timelines of alert rules: series in, expected states and notices out; exit code 1 when one differs."""
    with options.open_workspace() as workspace:
        found = paths or sorted(workspace.settings.companies_root.glob("*/timelines"))
        missing = [str(path) for path in found if not path.exists()]
        if missing or not found:
            raise UsageError(
                "reading timelines of alert rules",
                f"{', '.join(missing)} does not exist" if missing else "no company has a folder `timelines`",
                remedy="Name a file or a folder; the documentation of alerts shows how one is written",
            )
        timelines = read_timelines(found, workspace.catalogue)
        verdicts = list(judge(timelines, workspace.catalogue))
        companies = sorted({timeline.company for timeline in timelines})
        lacking = list(unproved(workspace.catalogue, companies, verdicts)) if rules else []
    failed = [verdict for verdict in verdicts if not verdict.holds]
    if as_json:
        write_json({"timelines": [_plain(verdict) for verdict in verdicts], "unproved": lacking})
    else:
        for each in lacking:
            of = "" if each.kpi is None else f" of {each.kpi}"
            console.print(f"{each.company}: {each.rule}{of}: no timeline shows it {', '.join(each.missing)}")
        for verdict in verdicts if trace else failed:
            _print(verdict, trace)
        console.print(
            f"{len(verdicts)} timelines, {len(failed)} differ" if failed else f"{len(verdicts)} timelines hold"
        )
    if failed or lacking:
        raise typer.Exit(1)


def _plain(verdict: Verdict) -> dict[str, object]:
    timeline, story = verdict.timeline, verdict.story
    return {
        "where": timeline.where,
        "company": timeline.company,
        "rule": timeline.rule,
        "kpi": timeline.kpi,
        "name": timeline.name,
        "holds": verdict.holds,
        "differences": verdict.differences,
        "states": story.states,
        "notices": story.notices,
        "log": story.log,
    }


def _print(verdict: Verdict, trace: bool) -> None:
    mark = "[green]holds[/]" if verdict.holds else "[bold red]differs[/]"
    console.print(f"{verdict.timeline.where}: {mark}: {verdict.timeline.name}", soft_wrap=True)
    lines = [*verdict.differences]
    if trace:
        for what in ("states", "notices", "log"):
            lines += [f"{what}:", *(f"    {line}" for line in getattr(verdict.story, what))]
    for line in lines:
        console.print(f"  {line}", markup=False, soft_wrap=True)
