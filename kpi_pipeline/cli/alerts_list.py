"""`kpi alerts list` and `show`: where every alert stands, and what became of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from kpi_pipeline.alerts.record import Event
from kpi_pipeline.alerts.rule_words import describe
from kpi_pipeline.alerts.state_words import notes, when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.cli import options
from kpi_pipeline.cli.alert_lines import as_document, coloured, row_of, value_of
from kpi_pipeline.cli.alerts_options import AlertArg, RuleOption, SegmentOption
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.flow import alert_view
from kpi_pipeline.flow.alert_view import Detail

COLUMNS = {
    "nl": ("stand", "melding", "regel", "waarde", "sinds", "weer gemeld"),
    "en": ("state", "alert", "rule", "value", "since", "told again"),
}
LOG = {"nl": ("wanneer", "dag", "wat", "wie"), "en": ("when", "day", "what", "who")}
NOTICES = {
    "nl": ("wanneer", "reden", "kanaal", "stand", "pogingen", "fout"),
    "en": ("when", "reason", "channel", "status", "attempts", "error"),
}
WORDS = {
    "nl": {"none": "Er is niets aan de hand.", "undeclared": "niet in alerts.yaml"},
    "en": {"none": "Nothing is wrong.", "undeclared": "not in alerts.yaml"},
}


def list_alerts(
    company: options.CompanyArg,
    everything: Annotated[bool, typer.Option("--all", help="Every rule, those at rest included.")] = False,
    as_json: options.Json = False,
) -> None:
    """Where alerts stand: value, since when, silenced or acknowledged by whom; exit code 1 when one fires."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = alert_view.alerts(workspace, company_, everything=everything)
    if as_json:
        write_json([as_document(each) for each in found])
    else:
        rows = [row_of(company_, each) for each in found]
        if rows:
            columns = COLUMNS[company_.language]
            table(company_.name, columns, rows, whole=columns[:1], right=columns[3:4])
            for each in found:
                for note in notes(company_, each):
                    console.print(f"{each.title} ({each.state.rule}): {note}", markup=False, soft_wrap=True)
            next_step(f"kpi alerts show {company} ALERT, or kpi alerts ack {company} ALERT --by NAME --reason WHY")
        else:
            console.print(WORDS[company_.language]["none"])
            next_step(f"kpi alerts rules {company}, for every rule in words")
    if any(each.state.fires for each in found):
        raise typer.Exit(1)


def show(
    company: options.CompanyArg,
    alert: AlertArg,
    rule: RuleOption = None,
    segment: SegmentOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many changes and notices are shown.")] = 20,
    as_json: options.Json = False,
) -> None:
    """One alert: its rule in words, where it stands, the log of its state, its notices and their deliveries."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = alert_view.details(workspace, company_, alert, rule=rule, segment=segment, limit=limit)
    if as_json:
        write_json([_detail(each) for each in found])
        return
    for each in found:
        _print(company_, each)
    next_step(f"kpi alerts who {company} {alert}, for who would be told now")


def _print(company: Company, detail: Detail) -> None:
    standing, words = detail.standing, WORDS[company.language]
    rule = standing.rule
    console.print(
        f"[bold]{escape(standing.title)}[/bold]  {coloured(company, standing)}  {value_of(company, standing)}"
    )
    where = words["undeclared"] if rule is None else f"{rule.file}:{rule.line}"
    console.print(f"  {standing.state.subject}, {standing.state.rule}: {where}", markup=False)
    if rule is not None:
        console.print(f"  {describe(company, rule, company.language)}", markup=False, soft_wrap=True)
    for text in (*notes(company, standing), *(rule.actions.get(company.language, ()) if rule is not None else ())):
        console.print(f"  {text}", markup=False, soft_wrap=True)
    log = [
        (when(company, each.at), each.day or "", each.why.replace("_", " "), " ".join(filter(None, _by(each))))
        for each in detail.events
    ]
    if log:
        table("", LOG[company.language], log, whole=LOG[company.language][:2])
    told = [
        (when(company, each.at), each.reason, to.channel, to.status, to.attempts, to.error or "")
        for each in detail.notices
        for to in each.deliveries
    ]
    if told:
        table("", NOTICES[company.language], told, whole=NOTICES[company.language][:2])


def _by(event: Event) -> tuple[str | None, str | None]:
    return event.author, None if event.reason is None else f"({event.reason})"


def _detail(detail: Detail) -> dict[str, Any]:
    return {
        **as_document(detail.standing),
        "acknowledgements": detail.acknowledgements,
        "log": detail.events,
        "notices": detail.notices,
    }
