"""Every report shows what there is: KPIs, groups, people, channels that are known, in units that can share an axis."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.reporting import (
    Blocks,
    Bridge,
    Focus,
    Manual,
    Report,
    Scorecard,
    Section,
    Send,
    Stages,
    Trend,
)
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue

RULE = "report"
TAKEN = ("audit", "due_reports", "site", "weekly_scorecard")


def reports_show_what_there_is(company: Company) -> Iterable[Issue]:
    for report in company.reports.values():
        for message in _of_report(company, report):
            yield Issue(report.file, report.line, f"report {report.id}: {message}", rule=RULE)
        for number, section in enumerate(report.sections, start=1):
            for message in _of_section(company, section):
                yield Issue(report.file, section.line, f"report {report.id}, section {number}: {message}", rule=RULE)


def _of_report(company: Company, report: Report) -> Iterable[str]:
    if report.id in TAKEN:
        yield f"{report.id} is a page that every company has; choose another id"
    if not report.name.get(company.language):
        yield f"name.{company.language} is missing"
    yield from _people(company, "owners", report.owners)
    named = [section.id for section in report.sections if isinstance(section, Manual)]
    named += [section.kind for section in report.sections if section.kind in ("focus", "actions")]
    for name in sorted({each for each in named if named.count(each) > 1}):
        yield f"two sections are called {name!r}, so nobody could say which one a text is for"
    for send in report.send:
        yield from _of_send(company, report, send)


def _of_send(company: Company, report: Report, send: Send) -> Iterable[str]:
    if send.channel and send.channel not in company.channels:
        yield f"send: unknown channel {send.channel!r}{did_you_mean(send.channel, company.channels)}"
    elif send.channel and company.channels[send.channel].kind == "mail":
        if not send.to:
            yield f"send: say `to` whom, because {send.channel} is mail"
        if "mail" not in report.formats:
            yield f"send: {send.channel} is mail, so mail belongs among the report's formats"
        for name in send.to:
            if name in company.people and company.people[name].email is None:
                yield f"send: {name} has no email"
    yield from _people(company, "send.to", send.to)
    for each in send.formats:
        if send.folder and each not in report.formats:
            yield f"send: {each} is dropped in {send.folder} but not among the report's formats"


def _of_section(company: Company, section: Section) -> Iterable[str]:
    unknown = [name for name in section.uses() if name not in company.kpis]
    for name in unknown:
        yield f"unknown KPI {name!r}{did_you_mean(name, company.kpis)}"
    for words, key in ((section.title, "title"), (section.note, "note"), (getattr(section, "what", {}), "what")):
        if words and not words.get(company.language):
            yield f"{key}.{company.language} is missing"
    if isinstance(section, Scorecard) and section.group:
        groups = {kpi.group for kpi in company.kpis.values() if kpi.group}
        if section.kpis:
            yield "give either kpis or a group"
        if section.group not in groups:
            yield f"unknown group {section.group!r}{did_you_mean(section.group, groups)}"
    if isinstance(section, Manual | Focus):
        yield from _people(company, "filled_by", section.filled_by)
    if isinstance(section, Stages):
        for stage in section.stages:
            for each in stage.targets:
                yield from _people(company, "filled_by", (each.filled_by,) if each.filled_by else ())
    if not unknown and isinstance(section, Trend | Bridge | Blocks):
        units = sorted({company.kpis[name].unit for name in section.uses()})
        if len(units) > 1:
            yield f"its KPIs share an axis, so one unit, not {', '.join(units)}"


def _people(company: Company, key: str, names: Iterable[str]) -> Iterable[str]:
    known = [*company.people, *company.rotas]
    for name in names:
        if name not in known:
            yield f"{key} names nobody known: {name!r}{did_you_mean(name, known)}"
