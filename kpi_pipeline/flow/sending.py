"""Sends reports: what the first page says goes into the outbox, which delivers it as it delivers alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kpi_pipeline.alerts import periodic
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.catalogue.reporting import Format
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.database import answering, writing
from kpi_pipeline.reports.packs.document import Amount, Document, Picture, Section, State, Table


def is_sent(workspace: Workspace, company: Company, report: Report, period: str) -> bool:
    """Whether it was put into the outbox, or goes nowhere."""
    if not report.send:
        return True
    engine = workspace.history.engine
    with answering(engine, f"reading what was sent of {report.id}"), engine.connect() as connection:
        return periodic.times_sent(connection, company.id, report.id, period) > 0


def send(
    workspace: Workspace,
    company: Company,
    report: Report,
    document: Document,
    entries: Sequence[tuple[Format, Entry]],
    *,
    again: bool = False,
) -> bool:
    """Queue a report that was archived, once a period unless it is wanted `again`; whether it was queued."""
    content = content_of(report, document, entries)
    with writing(workspace.history.engine, f"queueing {report.id} of {company.id}", company.id) as connection:
        period = document.period.name
        told = periodic.announce(connection, company, report, period, content, now=workspace.now, again=again)
    return told is not None


def content_of(report: Report, document: Document, entries: Sequence[tuple[Format, Entry]]) -> dict[str, Any]:
    """What a notice has of a report: its first page in words, its place, and its files below the reports folder."""
    files = {format_: entry.file for format_, entry in entries}
    places = {format_: entry.place for format_, entry in entries}
    return {
        "title": document.full_title,
        "headline": document.front.headline,
        "facts": [
            *document.front.facts,
            (document.words["status"], ", ".join(f"{each.words}: {each.count}" for each in document.front.counts)),
        ],
        "listings": [(section.title, list(_items(section))) for section in document.front.sections],
        "place": places.get("html", next(iter(places.values()))),
        "digest": files.get("mail"),
        "folders": {each.folder: [files[name] for name in each.formats] for each in report.send if each.folder},
    }


def _items(section: Section) -> Iterator[str]:
    """The rows of the tables of the first page, each as a sentence."""
    for block in section.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                yield " · ".join(words for cell in row.cells if (words := _words(cell)))


def _words(cell: object) -> str:
    if isinstance(cell, Picture):
        return ""
    if isinstance(cell, Amount):
        return cell.number.text
    if isinstance(cell, State):
        return cell.words
    return ", ".join(each for each in (getattr(cell, "words", ""), getattr(cell, "quiet", "")) if each)
