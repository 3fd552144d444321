"""`kpi alerts deliver`, `dead`, `replay` and `fire`: what leaves, what did not arrive, and trying it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from kpi_pipeline.alerts.outbox import Attempt
from kpi_pipeline.catalogue.display import instant_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, plain, write_json
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused, UsageError
from kpi_pipeline.flow import deliveries
from kpi_pipeline.flow.tell import deliver as deliver_due


class StateOption(StrEnum):
    """What a rule is tried in."""

    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"


def deliver(
    company: options.CompanyArg,
    flush: Annotated[bool, typer.Option("--flush", help="Do not wait for a group to fill.")] = False,
    as_json: options.Json = False,
) -> None:
    """Send what is due now; exit code 20 when a channel has to be tried again, 21 when a message is dead."""
    with options.open_workspace() as workspace:
        attempts = deliver_due(workspace, workspace.company(company), flush=flush)
    _tell(attempts, as_json)
    _leave({attempt.outcome for attempt in attempts})


def dead(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Messages that did not arrive and are no longer tried, and why; exit code 1 when there are any."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = deliveries.dead_letters(workspace, company_)
    if as_json:
        write_json(found)
    else:
        for letter in found:
            at = instant_text(letter.created_at.astimezone(company_.tz), company_.language)
            console.print(f"{letter.id}  {at}  {letter.channel} → {', '.join(letter.recipients)}", markup=False)
            for told in letter.told:
                console.print(f"  {told.subject} ({told.rule}): {told.reason}, {told.level}", markup=False)
            console.print(f"  {letter.attempts} × {letter.error}", markup=False, soft_wrap=True)
            if letter.fallback is not None:
                console.print(f"  fallback {letter.fallback}", markup=False)
        if found:
            next_step(f"kpi alerts replay {company} ID, or --all")
        else:
            console.print("Everything arrived or is still tried.")
    if found:
        raise typer.Exit(1)


def replay(
    company: options.CompanyArg,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids as `kpi alerts dead` shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead messages.")] = False,
    as_json: options.Json = False,
) -> None:
    """Send dead messages again, under the ids that they have; exit codes as of deliver."""
    if bool(ids) == every:
        raise UsageError(
            f"replaying messages of {company}",
            "neither ids nor --all were given" if not ids else "both ids and --all were given",
            remedy="Give one of the two",
        )
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        queued = deliveries.replay(workspace, company_, ids or [])
        attempts = deliver_due(workspace, company_, flush=True)
    mine = [attempt for attempt in attempts if attempt.id in queued]
    _tell(mine, as_json)
    _leave({attempt.outcome for attempt in mine})


def fire(
    company: options.CompanyArg,
    rule: Annotated[str, typer.Option("--rule", help="Rule id; `threshold` is the one every KPI has.")],
    kpi: Annotated[str | None, typer.Option("--kpi", help="Of which KPI, where several have that rule.")] = None,
    state: Annotated[StateOption, typer.Option("--state", help="What to tell.")] = StateOption.FIRING,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would leave; send nothing.")] = False,
    as_json: options.Json = False,
) -> None:
    """Send what a rule would tell now, marked [TEST], to whom it would tell it; no alert changes by it."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        fired = deliveries.fire(workspace, company_, rule=rule, kpi=kpi, state=state.value, dry_run=dry_run)
    if as_json:
        write_json(fired)
    else:
        for each in fired:
            console.print(f"{each.channel} → {', '.join(each.recipients)}: {each.outcome}", markup=False)
            if each.error is not None:
                console.print(f"  {each.error}", markup=False, soft_wrap=True)
            if dry_run:
                shown = orjson.dumps(plain(each.payload), option=orjson.OPT_INDENT_2).decode()
                console.print(shown, markup=False, soft_wrap=True)
        if not fired:
            console.print("Nobody would be told: no owner of the rule has a channel.")
    _leave({each.outcome for each in fired})


def _tell(attempts: Sequence[Attempt], as_json: bool) -> None:
    if as_json:
        write_json(attempts)
        return
    for attempt in attempts:
        console.print(f"{attempt.channel}: {attempt.outcome}: {attempt.headline}", markup=False)
        if attempt.error is not None:
            console.print(f"  {attempt.error}", markup=False, soft_wrap=True)
    if not attempts:
        console.print("Nothing is due.")


def _leave(outcomes: set[str]) -> None:
    """With the exit code of the worst outcome."""
    if outcomes & {"dead", "refused"}:
        raise typer.Exit(DeliveryRefused.exit_code)
    if "delayed" in outcomes:
        raise typer.Exit(DeliveryDelayed.exit_code)
