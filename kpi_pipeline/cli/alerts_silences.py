"""`kpi alerts silence`, `silences` and `unsilence`: what nobody wants to be told for a while, with who and why."""

from __future__ import annotations

from typing import Annotated

import typer

from kpi_pipeline.alerts.silences import Silence
from kpi_pipeline.alerts.state_words import when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli import options
from kpi_pipeline.cli.alert_lines import tell
from kpi_pipeline.cli.alerts_options import UNTIL, By, Reason
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.flow import alert_desk, alert_view

MATCH = "LABEL=VALUE, !=, =~ or !~ (a pattern); all must hold. Labels: kpi, rule, owner, severity, group, source."
COLUMNS = {
    "nl": ("id", "stand", "wat", "van", "tot", "door", "waarom"),
    "en": ("id", "state", "what", "from", "until", "by", "why"),
}
WORDS = {
    "nl": {
        "none": "Er is niets gedempt.",
        "future": "later",
        "now": "nu",
        "over": "voorbij",
        "ended": "beëindigd door {by}",
    },
    "en": {
        "none": "Nothing is silenced.",
        "future": "later",
        "now": "now",
        "over": "over",
        "ended": "ended by {by}",
    },
}


def silence(
    company: options.CompanyArg,
    match: Annotated[
        list[str],
        typer.Option(
            "--match", help="LABEL=VALUE, !=, =~ or !~ (a pattern); all must hold. Labels: kpi, rule, owner …"
        ),
    ],
    until: Annotated[str, typer.Option("--until", help=f"{UNTIL} At most 90 days.")],
    by: By,
    reason: Reason,
    start: Annotated[str | None, typer.Option("--from", help="When it begins (default: now), written alike.")] = None,
    as_json: options.Json = False,
) -> None:
    """Hold notices back for a while. Alerts go on firing, lists and reports show that they are silenced."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        done = alert_desk.silence(workspace, company_, match=match, until=until, by=by, reason=reason, start=start)
    tell(done, as_json, f"kpi alerts silences {company}, or kpi alerts unsilence {company} ID --by NAME")


def silences(
    company: options.CompanyArg,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: options.Json = False,
) -> None:
    """The silences in force and to come, with who asked for them and why."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = alert_view.silences_of(workspace, company_, everything=everything)
        now = workspace.now
    if as_json:
        write_json(found)
        return
    words = WORDS[company_.language]
    if not found:
        console.print(words["none"])
        return
    rows = []
    for each in found:
        state = words["over" if each.is_over(now) else "future" if each.starts_at > now else "now"]
        rows.append((each.id[:8], state, *_cells(company_, each)))
    table(company_.name, COLUMNS[company_.language], rows, whole=("id",))
    next_step(f"kpi alerts unsilence {company} ID --by NAME")


def unsilence(
    company: options.CompanyArg,
    silence_id: Annotated[str, typer.Argument(help="Id of the silence, or the beginning of it.")],
    by: By,
    as_json: options.Json = False,
) -> None:
    """End a silence before its time; what still fires is told at the next look."""
    with options.open_workspace() as workspace:
        done = alert_desk.unsilence(workspace, workspace.company(company), silence_id=silence_id, by=by)
    tell(done, as_json, f"kpi alerts list {company}")


def _cells(company: Company, silence: Silence) -> tuple[str, ...]:
    words = WORDS[company.language]
    ended = "" if silence.ended_by is None else f" ({words['ended'].format(by=silence.ended_by)})"
    starts, ends = silence.starts_at, silence.ends_at if silence.ended_at is None else silence.ended_at
    return silence.matched, when(company, starts), when(company, ends), f"{silence.author}{ended}", silence.reason
