"""Sections for those who look after the numbers: targets, alerts, trust, reconciliations, corrections."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.catalogue.display import NOTHING, STATUS, day_text, status_text, threshold_text, value_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.catalogue.reporting import Alerts, Corrections, Reconciliations, Targets, Trust
from kpi_pipeline.history.trust import WORDS as MARKS
from kpi_pipeline.history.trust import reason_text
from kpi_pipeline.reports.audited import VERDICTS, audited
from kpi_pipeline.reports.audited import title as audit_title
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Block, Column, Prose, Row, State, Table, Text

KEYS = ("target", "warning", "critical")
MOST = 40


def targets(context: Context, section: Targets, title: str) -> list[Block]:
    words = context.words
    kpis = [context.kpi(name) for name in section.kpis] if section.kpis else context.kpis
    if not kpis:
        return [Prose(words["no_kpis"])]
    keys = [key for key in KEYS if key == "target" or any(getattr(kpi, key) for kpi in kpis)]
    columns = (
        Column(words["kpi"], share=2),
        *(Column(words[key], numeric=True) for key in keys),
        Column(words["since"], share=1.3),
        Column(words["approved"], share=1.5),
        Column(words["in_period"], share=1.3),
    )
    return [Table(title, columns, tuple(_targets(context, kpi, keys) for kpi in kpis))]


def _targets(context: Context, kpi: Kpi, keys: list[str]) -> Row:
    words, language, day = context.words, context.language, context.until
    found = [in_force(getattr(kpi, key), day) for key in keys]
    texts = [Text(threshold_text(each, kpi.unit, language)) for each in found]
    starts = [each.since for each in found if each is not None and each.since is not None]
    since = day_text(max(starts), language) if starts else words["printed"] if any(found) else NOTHING
    agreed = {approval.by: approval.on for each in found if each is not None for approval in each.approved_by}
    by = ", ".join(f"{context.name(who)} ({day_text(on, language)})" for who, on in agreed.items())
    return Row((Text(kpi.title(language)), *texts, Text(since), Text(by or NOTHING), Text(_held(context, kpi))))


def _held(context: Context, kpi: Kpi) -> str:
    """How many days of the period the value was on which side."""
    rows = [
        row
        for day, row in context.reading.series(kpi.id).items()
        if context.period.first <= day <= context.until and row.status in ("ok", "below_target", "warning", "critical")
    ]
    counted = {status: sum(row.status == status for row in rows) for status in STATUS}
    return ", ".join(f"{STATUS[name]['glyph']} {count}" for name, count in counted.items() if count) or NOTHING


def alerts(context: Context, _: Alerts, title: str) -> list[Block]:
    words, tz = context.words, context.company.tz
    found = [
        each
        for each in context.beside.changes
        if context.period.first <= each.at.astimezone(tz).date() <= context.until
    ]
    if not found:
        return [Prose(words["no_alerts"])]
    columns = (
        Column(words["when"], share=1.2),
        Column(words["what"], share=2.5),
        Column(words["of_day"], share=1.2),
        Column(words["became"], share=1.4),
    )
    rows = []
    for each in sorted(found, key=lambda changed: changed.at, reverse=True)[:MOST]:
        level = (
            State(each.level, status_text(each.level, context.language)) if each.level in STATUS else Text(each.level)
        )
        day = NOTHING if each.day is None else day_text(each.day, context.language)
        rows.append(Row((Text(context.at(each.at)), Text(_subject(context, each.subject)), Text(day), level)))
    return [Table(title, columns, tuple(rows))]


def _subject(context: Context, subject: str) -> str:
    return context.kpi(subject).title(context.language) if subject in context.company.kpis else subject


def trust(context: Context, _: Trust, title: str) -> list[Block]:
    """The KPIs of which something is known to be wrong with the number, and which marks those are."""
    words, language = context.words, context.language
    rows = []
    for kpi in context.kpis:
        proof = context.main.get(kpi.id)
        if proof is None:
            continue
        bad = [mark for mark in proof.trust.marks if (mark.verdict == "no") == (mark.name != "restated")]
        bad = [mark for mark in bad if mark.verdict != "unknown"]
        if bad:
            said = "; ".join(f"{MARKS[language][mark.name]}: {reason_text(mark, language)}" for mark in bad)
            rows.append(Row((Text(kpi.title(language)), Text(context.names(kpi.owners)), Text(said))))
    if not rows:
        return [Prose(words["all_trusted"])]
    columns = (Column(words["kpi"], share=1.6), Column(words["owner"], share=1.2), Column(words["reason"], share=3))
    return [Table(title, columns, tuple(rows))]


def reconciliations(context: Context, _: Reconciliations, title: str) -> list[Block]:
    words, language = context.words, context.language
    company = context.company
    found = audited(context.reading.store, company, context.until, known_at=context.known_at).reconciliations
    units = {rule.id: rule.unit for rule in company.audit.reconcile}
    if not units:
        return [Prose(words["no_reconciliations"])]
    columns = (
        Column(words["what"], share=2),
        Column(words["status"], share=1.2),
        Column(words["left_side"], numeric=True),
        Column(words["right_side"], numeric=True),
        Column(words["difference"], numeric=True, share=1.3),
        Column(words["explanation"], share=1.8),
    )
    rows = []
    for each in found:
        verdict, unit = each.verdict, units[each.verdict.rule]
        left, right, off, allowed = (
            value_text(value, unit, language)
            for value in (verdict.left, verdict.right, verdict.difference, verdict.allowed)
        )
        age = f"; {each.age_days} {words['days']}" if each.open_since else ""
        by = f"{context.name(verdict.by)}" if verdict.by else ""
        rows.append(
            Row(
                (
                    Text(audit_title(company, each), day_text(verdict.day, language)),
                    Text(VERDICTS[language][verdict.verdict]),
                    Text(left),
                    Text(right),
                    Text(off, f"{words['allowed'].lower()} {allowed}{age}"),
                    Text(verdict.reason or NOTHING, by),
                )
            )
        )
    return [Table(title, columns, tuple(rows))] if rows else [Prose(words["no_reconciliations"])]


def corrections(context: Context, _: Corrections, title: str) -> list[Block]:
    words, language = context.words, context.language

    def on(day: date) -> bool:
        return context.period.first <= day <= max(context.until, context.known_at.date())

    found = [each for each in context.beside.corrections if on(each.recorded_at.astimezone(context.company.tz).date())]
    if not found:
        return [Prose(words["no_corrections"])]
    columns = (
        Column(words["what"], share=2),
        Column(words["reason"], share=2),
        Column(words["action"], share=2),
        Column(words["author"], share=1.4),
    )
    rows = tuple(
        Row(
            (
                Text(
                    _subject(context, each.kpi),
                    f"{day_text(each.first_day, language)} – {day_text(each.last_day, language)}",
                ),
                Text(each.reason),
                Text(each.action or NOTHING),
                Text(context.name(each.author), context.at(each.recorded_at)),
            )
        )
        for each in found
    )
    return [Table(title, columns, rows)]
