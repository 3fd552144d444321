"""`kpi alerts decisions`, `decide` and `conclude`: what rules ask people to decide, what they did, and if it worked."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from kpi_pipeline.cli import options
from kpi_pipeline.cli.alert_lines import tell
from kpi_pipeline.cli.alerts_options import By
from kpi_pipeline.cli.decision_lines import document_of, lines_of
from kpi_pipeline.cli.output import console, next_step, write_json
from kpi_pipeline.flow import alert_desk, alert_view

DecisionArg = Annotated[str, typer.Argument(help="Id of the decision, or the beginning of it.")]
NONE = {"nl": "Er zijn geen besluiten gevraagd.", "en": "No decision was asked for."}


def decisions(
    company: options.CompanyArg,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that were not taken yet.")] = False,
    as_json: options.Json = False,
) -> None:
    """The decisions that rules asked for, and what their KPIs did since; exit code 1 when one is late."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = alert_view.decisions_of(workspace, company_, open_only=open_only)
    if as_json:
        write_json([document_of(company_, each) for each in found])
    else:
        for each in found:
            console.print(f"[bold]{each.row['id'][:8]}[/bold]  {escape(each.row['question'])}", soft_wrap=True)
            for line in lines_of(company_, each):
                console.print(f"  {line}", markup=False, soft_wrap=True)
        if not found:
            console.print(NONE[company_.language])
        elif any(each.row["decided_at"] is None for each in found):
            next_step(f"kpi alerts decide {company} ID --by NAME --decision TEXT")
    if any(each.is_late for each in found):
        raise typer.Exit(1)


def decide(
    company: options.CompanyArg,
    decision_id: DecisionArg,
    by: By,
    decision: Annotated[str, typer.Option("--decision", help="What was decided.")],
    action_owner: Annotated[str | None, typer.Option("--action-owner", help="Person who does it, by id.")] = None,
    action_due: Annotated[str | None, typer.Option("--action-due", help="Day by which, YYYY-MM-DD.")] = None,
    as_json: options.Json = False,
) -> None:
    """Write down what was decided; the alert about a late decision is over then."""
    with options.open_workspace() as workspace:
        done = alert_desk.decide(
            workspace,
            workspace.company(company),
            decision_id=decision_id,
            by=by,
            decision=decision,
            action_owner=action_owner,
            action_due=None if action_due is None else options.parse_day(action_due),
        )
    tell(done, as_json, f"kpi alerts conclude {company} {decision_id} --by NAME --outcome TEXT, when it shows")


def conclude(
    company: options.CompanyArg,
    decision_id: DecisionArg,
    by: By,
    outcome: Annotated[str, typer.Option("--outcome", help="Whether it worked.")],
    as_json: options.Json = False,
) -> None:
    """Write down whether a decision worked."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        done = alert_desk.conclude(workspace, company_, decision_id=decision_id, by=by, outcome=outcome)
    tell(done, as_json, f"kpi alerts decisions {company}")
