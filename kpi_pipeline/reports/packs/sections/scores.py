"""Sections of rows: scorecards, and the KPIs that are furthest off their target."""

from __future__ import annotations

from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.catalogue.reporting import Deviations, Scorecard
from kpi_pipeline.reports.packs.context import Context, selected
from kpi_pipeline.reports.packs.document import Block, Column, Prose, Row, Table, Text
from kpi_pipeline.reports.packs.front import deadline, off_target
from kpi_pipeline.reports.packs.rows import scorecard as table
from kpi_pipeline.reports.packs.rows import state, target, value
from kpi_pipeline.reports.packs.sections.people import said
from kpi_pipeline.reports.packs.words import of_count


def scorecard(context: Context, section: Scorecard, title: str) -> list[Block]:
    kpis = selected(context.company, section)
    if not kpis:
        return [Prose(context.words["no_kpis"])]
    blocks: list[Block] = [table(context, kpis, title, companions=section.companions, month=section.month)]
    if context.once("legend"):
        blocks.append(Prose(context.words["legend"], "quiet"))
    without = sum(not _is_judged(context, kpi) for kpi in kpis)
    if without:
        blocks.append(Prose(of_count("without_target", without, context.language), "quiet"))
    return [*blocks, *_remarks(context, kpis)]


def _is_judged(context: Context, kpi: Kpi) -> bool:
    """Whether a target or a limit is in force on the day shown."""
    day = context.day_of(kpi)
    return any(in_force(each, day) is not None for each in (kpi.target, kpi.warning, kpi.critical))


def _remarks(context: Context, kpis: list[Kpi]) -> list[Block]:
    """What people wrote beside these KPIs."""
    found: list[Block] = []
    for kpi in kpis:
        for remark in context.beside.remarks(context.report.id, context.period.name, kpi.id):
            found.append(said(context, remark, about=kpi.title(context.language)))
    return found


def deviations(context: Context, section: Deviations, title: str) -> list[Block]:
    words = context.words
    off = sorted((kpi for kpi in context.kpis if off_target(context, kpi)), key=lambda kpi: -off_target(context, kpi))
    if not off:
        return [Prose(words["no_deviations"])]
    columns = (
        Column(words["kpi"], share=2.2),
        Column(words["status"], share=1.4),
        Column(words["value"], numeric=True, share=1.6),
        Column(words["target"], numeric=True, share=1.3),
        Column(f"{words['owner']}, {words['deadline'].lower()}", share=1.8),
    )
    rows = tuple(
        Row(
            (
                Text(kpi.title(context.language)),
                state(context, kpi),
                value(context, kpi),
                target(context, kpi),
                Text(context.names(kpi.owners), deadline(context, kpi)),
            )
        )
        for kpi in off[: section.count]
    )
    return [Table(title, columns, rows)]
