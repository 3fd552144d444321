"""Makes the periodic reports of a company: builds each from history, archives it, and publishes it with the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from kpi_pipeline.alerts import decisions, log
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.catalogue.periods import Period, newest_due
from kpi_pipeline.catalogue.reporting import Format
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import CatalogueError, KpiError, UsageError
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.declared import declared, yaml_files
from kpi_pipeline.flow.sending import is_sent, send
from kpi_pipeline.flow.workspace import Workspace, read_companies
from kpi_pipeline.history.archive import Entry, entries
from kpi_pipeline.history.chain import canonical, sha256
from kpi_pipeline.history.comments import comments
from kpi_pipeline.history.corrections import corrections
from kpi_pipeline.history.database import answering
from kpi_pipeline.history.declarations import files_of
from kpi_pipeline.reports.archive import Rendered, archive
from kpi_pipeline.reports.packs.beside import Beside, Changed, Decision
from kpi_pipeline.reports.packs.build import build
from kpi_pipeline.reports.packs.document import Document
from kpi_pipeline.reports.packs.html import html
from kpi_pipeline.reports.packs.json_twin import twin
from kpi_pipeline.reports.packs.mail import mail
from kpi_pipeline.reports.packs.pdf import pdf
from kpi_pipeline.reports.render import write_bytes


def _excel(document: Document) -> bytes:
    from kpi_pipeline.reports.packs.excel import excel  # openpyxl takes an eighth of a second that few runs need

    return excel(document)


FOLDER = "report"
Sending = Literal["no", "once", "again"]
WRITERS: Mapping[Format, Callable[[Document], bytes]] = {
    "html": lambda document: html(document).encode(),
    "json": twin,
    "pdf": pdf,
    "xlsx": _excel,
    "mail": mail,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A report of one period in one format, as it was archived, and where it was published."""

    report: str
    period: str
    format: Format
    path: Path
    entry: Entry


def report_of(company: Company, name: str) -> Report:
    """A declared report by its id; raises UsageError that names those there are."""
    if name not in company.reports:
        known = ", ".join(company.reports) if company.reports else "none: the company has no reports.yaml"
        raise UsageError(
            f"looking up the report {name!r} of {company.id}",
            f"there is no such report{did_you_mean(name, company.reports)}",
            remedy=f"Declared are: {known}",
        )
    return company.reports[name]


def period_of(company: Company, report: Report, name: str | None, now: datetime) -> Period:
    """The period of a name; without one the newest whose report is due, else the one that is going on.

    Raises UsageError for a name that is none of its periods.
    """
    if name is None:
        due = newest_due(report.period, report.due, company.tz, now, running=report.running)
        return report.period.containing(now.astimezone(company.tz).date()) if due is None else due
    try:
        return report.period.named(name)
    except ValueError as error:
        doing = f"building {report.id} of {company.id} for {name!r}"
        said = str(error)
        raise UsageError(doing, "it has no such period", remedy=said[0].upper() + said[1:]) from None


def make(
    workspace: Workspace,
    company: Company,
    report: Report,
    period: Period,
    *,
    known_at: datetime | None = None,
    formats: Sequence[Format] = (),
    sending: Sending = "no",
) -> list[Made]:
    """Build a report once and write it in each format (default: those it declares); archived, published, then sent.

    As known at a past instant it is published beside the current one, not in its place. `sending`: not, once a period,
    or `again`; it needs all formats. Raises UsageError for an instant to come or a period of which no day is over,
    StoreUnavailable when a folder or the database is away.
    """
    if known_at is not None and known_at > workspace.now:
        raise UsageError(
            f"building {report.id} of {company.id}", f"{known_at} is yet to come", remedy="Give a past --known-at"
        )
    at = workspace.now if known_at is None else known_at
    document = build(company, workspace.history, report, period, beside(workspace, company, known_at=at), known_at=at)
    fingerprint, root = declared(workspace, company), workspace.settings.reports_root
    found = []
    written = {each: WRITERS[each](document) for each in formats or report.formats}  # all of them, or none is kept
    for each, content in written.items():
        place = f"{company.id}/{FOLDER}/{report.id}/{_name(document, known_at)}.{SUFFIXES.get(each, each)}"
        rendered = Rendered(
            company=company.id,
            report=report.id,
            period=period.name,
            format=SUFFIXES.get(each, each),
            known_at=at,
            content=content,
            numbers=document.numbers,
            declared=fingerprint,
            place=place,
        )
        entry = archive(workspace.history, root, rendered, now=workspace.now)
        found.append(Made(report.id, period.name, each, write_bytes(content, root / place), entry))
    if sending != "no":
        entries = [(each.format, each.entry) for each in found]
        send(workspace, company, report, document, entries, again=sending == "again")
    return found


SUFFIXES: Mapping[Format, str] = {"mail": "eml"}


def _name(document: Document, known_at: datetime | None) -> str:
    if known_at is None:
        return document.period.name
    return f"{document.period.name}-as-known-{document.known_at:%Y%m%dT%H%M%S}"


def make_due(workspace: Workspace, company: Company) -> list[Made]:
    """Every report whose newest due period is not archived or not sent: what a schedule missed, the next run makes.

    One that cannot be made does not stop the others; the first such error is raised when all were tried.
    """
    kept = {(entry.report, entry.period, entry.format) for entry in entries(workspace.history, company.id)}
    found: list[Made] = []
    failures: list[KpiError] = []
    for report in company.reports.values():
        period = newest_due(report.period, report.due, company.tz, workspace.now, running=report.running)
        if period is None:
            continue
        wanted = {(report.id, period.name, SUFFIXES.get(each, each)) for each in report.formats}
        if wanted <= kept and is_sent(workspace, company, report, period.name):
            continue
        try:
            found += make(workspace, company, report, period, sending="once")
        except KpiError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return found


def is_newest_due(workspace: Workspace, company: Company, report: Report, period: Period) -> bool:
    """Whether a period is the one whose report is expected now: only that one is sent by itself."""
    return period == newest_due(report.period, report.due, company.tz, workspace.now, running=report.running)


def beside(workspace: Workspace, company: Company, *, known_at: datetime) -> Beside:
    """What history knows besides numbers, as known at an instant. Raises StoreUnavailable."""
    history = workspace.history
    with answering(history.engine, f"reading the decisions of {company.id}"), history.engine.connect() as connection:
        rows = decisions.listed(connection, company.id)
    told = log.changes(history.engine, company.id, known_at=known_at)
    return Beside(
        decisions=tuple(_decision(row, company, known_at) for row in rows if row["opened_at"] <= known_at),
        comments=tuple(comments(history, company.id, known_at=known_at)),
        changes=tuple(
            Changed(each.subject, each.at, each.day, each.level) for events in told.values() for each in events
        ),
        corrections=tuple(each for each in corrections(history, company.id) if each.recorded_at <= known_at),
        by_hand=registers.keepers(company),
    )


def _decision(row: Mapping[str, object], company: Company, known_at: datetime) -> Decision:
    """A decision as it stood then: what was written later had not been written."""
    content = {name: row[name] for name in ("id", "rule", "question", "opened_at", "due_at")}
    decided, concluded = row["decided_at"], row["outcome_at"]
    if isinstance(decided, datetime) and decided <= known_at:
        names = ("decided_at", "decided_by", "decision", "action_owner", "action_due")
        content |= {name: row[name] for name in names if row[name] is not None}
    if isinstance(concluded, datetime) and concluded <= known_at:
        content |= {"outcome": row["outcome"], "outcome_at": concluded}
    subject = str(row["subject"])
    owners: tuple[str, ...] = tuple(row["owners"])  # type: ignore[arg-type]
    return Decision(kpi=subject if subject in company.kpis else "", owners=owners, **content)  # type: ignore[arg-type]


def again(workspace: Workspace, entry: Entry) -> bytes | None:
    """An archived report made anew from history as known then and the company's files as they were.

    None for a report that is no longer declared in files that this version can read.
    """
    company = _as_declared(workspace, entry)
    report = None if company is None else company.reports.get(entry.report)
    if company is None or report is None:
        return None
    at = entry.known_at
    made = build(
        company,
        workspace.history,
        report,
        report.period.named(entry.period),
        beside(workspace, company, known_at=at),
        known_at=at,
    )
    written = next(each for each in WRITERS if SUFFIXES.get(each, each) == entry.format)
    return WRITERS[written](made)


def _as_declared(workspace: Workspace, entry: Entry) -> Company | None:
    company = workspace.company(entry.company)
    if sha256(canonical(yaml_files(workspace, company))) == entry.declared:
        return company
    files = files_of(workspace.history, entry.company, entry.declared)
    if files is None:
        return None
    with TemporaryDirectory(prefix="kpi-declared-") as folder:
        for name, text in files.items():
            path = Path(folder) / entry.company / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            return read_companies(Path(folder)).companies.get(entry.company)
        except CatalogueError:
            return None
