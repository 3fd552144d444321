"""`kpi alerts ack`, `unack`, `pause` and `resume`: who has an alert in hand, and which rules wait."""

from __future__ import annotations

from typing import Annotated

import typer

from kpi_pipeline.cli import options
from kpi_pipeline.cli.alert_lines import tell
from kpi_pipeline.cli.alerts_options import UNTIL, AlertArg, By, Reason, RuleOption, SegmentOption
from kpi_pipeline.flow import alert_desk


def ack(
    company: options.CompanyArg,
    alert: AlertArg,
    by: By,
    reason: Reason,
    until: Annotated[
        str | None, typer.Option("--until", help=f"{UNTIL} (default: as alerts.yaml says, 7 days)")
    ] = None,
    rule: RuleOption = None,
    segment: SegmentOption = None,
    as_json: options.Json = False,
) -> None:
    """Take a firing alert in hand: no repeats and no escalation until then, or until it gets worse or fires anew."""
    with options.open_workspace() as workspace:
        done = alert_desk.acknowledge(
            workspace,
            workspace.company(company),
            alert=alert,
            by=by,
            reason=reason,
            until=until,
            rule=rule,
            segment=segment,
        )
    tell(done, as_json, f"kpi alerts show {company} {alert}; kpi alerts unack takes it back")


def unack(
    company: options.CompanyArg,
    alert: AlertArg,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    rule: RuleOption = None,
    segment: SegmentOption = None,
    as_json: options.Json = False,
) -> None:
    """Take an acknowledgement back: the alert repeats and escalates again."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        done = alert_desk.unacknowledge(
            workspace, company_, alert=alert, by=by, reason=reason, rule=rule, segment=segment
        )
    tell(done, as_json, f"kpi alerts list {company}")


def pause(
    company: options.CompanyArg,
    alert: AlertArg,
    by: By,
    reason: Reason,
    rule: RuleOption = None,
    as_json: options.Json = False,
) -> None:
    """Stop judging a rule until somebody resumes it; unlike a silence it has no end."""
    with options.open_workspace() as workspace:
        done = alert_desk.pause(workspace, workspace.company(company), alert=alert, by=by, reason=reason, rule=rule)
    tell(done, as_json, f"kpi alerts resume {company} {alert} --by NAME --reason WHY")


def resume(
    company: options.CompanyArg,
    alert: AlertArg,
    by: By,
    reason: Reason,
    rule: RuleOption = None,
    as_json: options.Json = False,
) -> None:
    """Judge a paused rule again, beginning with what was measured meanwhile."""
    with options.open_workspace() as workspace:
        done = alert_desk.resume(workspace, workspace.company(company), alert=alert, by=by, reason=reason, rule=rule)
    tell(done, as_json, f"kpi alerts show {company} {alert}")
