"""A declared report and one of its periods → its document, from history as known at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.periods import Period
from kpi_pipeline.catalogue.reporting import Manual, Report
from kpi_pipeline.catalogue.reporting import Section as Declared
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.packs import reference
from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Document, Prose, Section
from kpi_pipeline.reports.packs.front import front
from kpi_pipeline.reports.packs.moments import until_day
from kpi_pipeline.reports.packs.sections import SHOW, TITLES
from kpi_pipeline.reports.packs.words import period_text
from kpi_pipeline.reports.reading import Reading


def build(
    company: Company, store: HistoryStore, report: Report, period: Period, beside: Beside, *, known_at: datetime
) -> Document:
    """The report of a period as known at an instant; a period without data is a report that says so.

    Raises UsageError when no day of the period was over then, StoreUnavailable when history cannot be read.
    """
    local = known_at.astimezone(company.tz)
    until = until_day(report, period, local.date() - timedelta(days=1), company.tz)
    if until < period.first:
        raise UsageError(
            f"building {report.id} of {company.id} for {period.name}",
            f"no day of it was over at {local:%Y-%m-%d %H:%M}",
            remedy=f"Ask for an earlier period, such as --period {report.period.before(period).name}",
        )
    reading = Reading(company, store, known_at=known_at, day=until)
    context = Context(reading, report, period, beside)
    first = front(context, context.kpis)
    sections = [_section(context, declared, number) for number, declared in enumerate(report.sections, start=1)]
    sections += [reference.restatements(context), reference.definitions(context, context.kpis)]
    sections.append(reference.receipts(context))
    return Document(
        company=company.id,
        company_name=company.name,
        language=company.language,
        report=report.id,
        title=report.title(company.language),
        period=period,
        period_words=period_text(report.period.unit, period, company.language),
        zone=company.zone,
        until=until,
        complete=until >= period.last,
        known_at=local,
        front=first,
        sections=tuple(sections),
        numbers=context.archived(),
        words=context.words,
    )


def _section(context: Context, declared: Declared, number: int) -> Section:
    title = declared.heading(context.language) or context.words[TITLES.get(declared.kind, declared.kind)]
    blocks = SHOW[declared.kind](context, declared, title)
    if context.language in declared.note:
        blocks = [*blocks, Prose(declared.note[context.language], "quiet")]
    name = declared.id if isinstance(declared, Manual) else f"{declared.kind}_{number}"
    return Section(name, title, tuple(blocks))
