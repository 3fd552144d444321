"""Takes what a person writes in a report: into a section that asks for it, by somebody who is known."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.catalogue.periods import Period
from kpi_pipeline.catalogue.reporting import Actions, Focus
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.comments import Comment, add, comments

LONGEST = 4000


def write_comment(
    workspace: Workspace,
    company: Company,
    report: Report,
    period: Period,
    *,
    author: str,
    text: str,
    section: str = "",
    kpi: str = "",
    cause: str = "",
    owner: str = "",
    due: date | None = None,
    closes: int | None = None,
) -> Comment:
    """The comment as it was kept.

    Raises UsageError for an author, owner, section or KPI that nobody knows, a text that is missing or too long, a
    focus beyond the most that the report allows, an action without owner and deadline, or a number that is none.
    """
    said = Comment(
        company=company.id,
        report=report.id,
        period=period.name,
        section=section,
        author=author,
        text=text.strip(),
        recorded_at=workspace.now,
        kpi=kpi,
        cause=cause.strip(),
        owner=owner,
        due=due,
        closes=closes,
    )
    known = comments(workspace.history, company.id)
    fault = _fault(company, report, said, known)
    if fault is not None:
        message, remedy = fault
        raise UsageError(f"keeping a comment on {report.id} of {company.id}", message, remedy=remedy)
    return add(workspace.history, said)


def _fault(company: Company, report: Report, said: Comment, known: list[Comment]) -> tuple[str, str] | None:
    people, everybody = list(company.people), [*company.people, *company.rotas]
    if said.author not in people:
        return f"{said.author!r} is nobody", f"Known are: {', '.join(people)}"
    if not said.text or len(said.text) > LONGEST:
        return f"the text has {len(said.text)} characters", f"Write 1 to {LONGEST} characters"
    if said.kpi and said.kpi not in company.kpis:
        return f"there is no KPI {said.kpi!r}", f"`kpi catalogue list {company.id}` shows them all"
    if said.owner and said.owner not in everybody:
        return f"the owner {said.owner!r} is nobody", f"Known are: {', '.join(everybody)}"
    if said.closes is not None:
        open_ = {each.number for each in known if each.due is not None and each.closes is None}
        return None if said.closes in open_ else (f"there is no action {said.closes}", "Use a number from the report")
    return _of_section(report, said, known)


def _of_section(report: Report, said: Comment, known: list[Comment]) -> tuple[str, str] | None:
    inputs = report.inputs()
    if not said.section:
        return None if said.kpi else ("it says neither --section nor --kpi", f"Sections: {', '.join(inputs) or 'none'}")
    if said.section not in inputs:
        known_ones = ", ".join(inputs) or "none; give --kpi"
        return f"nobody writes in a section {said.section!r}", f"Sections to write in: {known_ones}"
    section = inputs[said.section]
    if isinstance(section, Actions) and (said.due is None or not said.owner):
        return "an action has an owner and a deadline", "Give --owner and --due"
    if isinstance(section, Focus):
        if not said.kpi:
            return "a focus is on a KPI", "Give --kpi, and --cause"
        mine = (report.id, said.period, said.section)
        chosen = {each.kpi for each in known if (each.report, each.period, each.section) == mine} | {said.kpi}
        if len(chosen) > section.most:
            return f"the focus is on {section.most} KPIs already", "Choose at most that many a period"
    return None
