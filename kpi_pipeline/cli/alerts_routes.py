"""`kpi alerts rules`, `routes` and `who`: every rule in words, the way an alert takes, and who would be told now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from kpi_pipeline.alerts.matching import Labels
from kpi_pipeline.alerts.model import Level
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.state_words import when
from kpi_pipeline.alerts.whom import Receiver, Whom
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Route
from kpi_pipeline.cli import options
from kpi_pipeline.cli.alerts_options import AlertArg, RuleOption, Severity, SeverityOption
from kpi_pipeline.cli.output import console, next_step, write_json
from kpi_pipeline.cli.rule_lines import print_rules, rule_document
from kpi_pipeline.flow import alert_view


def rules(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Every rule of a company in words, with its owners and what it comes from."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
    found = rules_of(company_)
    if as_json:
        write_json([rule_document(company_, rule) for rule in found])
        return
    print_rules(company_, found, f"{company_.name} ({len(found)})")
    next_step(f"kpi alerts who {company} RULE --severity critical, for who would be told")


def routes(
    company: options.CompanyArg,
    kpi: Annotated[str | None, typer.Option("--kpi", help="An alert about this KPI.")] = None,
    rule: RuleOption = None,
    severity: SeverityOption = None,
    as_json: options.Json = False,
) -> None:
    """The routing tree; with --kpi or --rule the way that such an alert takes, and who is at its end."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        name = kpi if kpi is not None else rule
        pairs = [] if name is None else alert_view.who(workspace, company_, name, rule=rule, level=_level(severity))
    if as_json:
        tree = company_.alerts.route.model_dump(mode="json", by_alias=True)
        write_json({"route": tree, "alerts": [_told(each) for _, each in pairs]})
        return
    root = company_.alerts.route
    if not pairs:
        for _, text in _tree(root, "route", 0):
            console.print(text, markup=False, soft_wrap=True)
        next_step(f"kpi alerts routes {company} --kpi KPI --severity critical")
        return
    for found, whom in pairs:
        taken = {place for path in whom.paths for place in path}
        ends = {path[-1] for path in whom.paths}
        console.print(f"[bold]{found.id}[/bold]  {_labels(whom.labels)}", soft_wrap=True)
        for place, text in _tree(root, "route", 0):
            mark = "→" if place in ends else "│" if place in taken else " "
            console.print(f"{mark} {text}", markup=False, soft_wrap=True, style=None if place in taken else "dim")
        for receiver in whom.receivers:
            console.print(f"  {_receiver(receiver)}", markup=False)
    next_step(f"kpi alerts who {company} {name}{_asked(severity)}")


def who(
    company: options.CompanyArg,
    alert: AlertArg,
    rule: RuleOption = None,
    severity: SeverityOption = None,
    as_json: options.Json = False,
) -> None:
    """Who would be told if it came to that level now: people, channels, what holds it back, and who is next."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        pairs = alert_view.who(workspace, company_, alert, rule=rule, level=_level(severity))
    if as_json:
        write_json([{"rule": found.id, **_told(whom)} for found, whom in pairs])
        return
    for found, whom in pairs:
        console.print(f"[bold]{found.id}[/bold]  {_labels(whom.labels)}", soft_wrap=True)
        for line in _lines(company_, whom):
            console.print(f"  {line}", markup=False, soft_wrap=True)
    next_step(f"kpi alerts routes {company} --kpi {alert}{_asked(severity)}")


def _level(severity: Severity | None) -> Level | None:
    return None if severity is None else severity.value


def _asked(severity: Severity | None) -> str:
    return "" if severity is None else f" --severity {severity.value}"


def _lines(company: Company, whom: Whom) -> Iterator[str]:
    nl = company.language == "nl"
    if whom.held_by is not None:
        until = "" if whom.held_until is None else f" {'tot' if nl else 'until'} {when(company, whom.held_until)}"
        yield f"{'stille uren' if nl else 'quiet hours'} {whom.held_by}{until}"
    if whom.silence is not None:
        until = when(company, whom.silence.ends_at)
        yield f"{'gedempt tot' if nl else 'silenced until'} {until}: {whom.silence.reason}"
    yield from (_receiver(each) for each in whom.receivers)
    for step in whom.later:
        people = ", ".join(_receiver(each) for each in step.receivers)
        word = "zonder reactie vanaf" if nl else "if nobody reacts, from"
        yield f"{word} {when(company, step.due)}: {people}"


def _receiver(receiver: Receiver) -> str:
    return f"{receiver.person} ({receiver.role}): {', '.join(receiver.channels)}"


def _told(whom: Whom) -> dict[str, Any]:
    return {
        "labels": whom.labels,
        "paths": whom.paths,
        "receivers": whom.receivers,
        "held_by": whom.held_by,
        "held_until": whom.held_until,
        "silence": whom.silence,
        "later": whom.later,
    }


def _tree(route: Route, place: str, depth: int) -> Iterator[tuple[str, str]]:
    match = ", ".join(f"{label}={text}" for label, text in route.match.items()) or "*"
    only = f" ({', '.join(route.channels)})" if route.channels else ""
    further = ", continue" if route.continue_ else ""
    yield place, f"{'  ' * depth}{match} → {', '.join(route.to)}{only}{further}"
    for index, child in enumerate(route.routes):
        yield from _tree(child, f"{place}.routes.{index}", depth + 1)


def _labels(labels: Labels) -> str:
    shown = ((label, ",".join(each) if isinstance(each, tuple) else each) for label, each in labels.items())
    return " ".join(f"{label}={text}" for label, text in shown if text)
