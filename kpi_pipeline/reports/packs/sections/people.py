"""Sections that people write: texts, focus, actions, decisions. What is not filled in says whose it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kpi_pipeline.catalogue.display import NOTHING, day_text, step_text
from kpi_pipeline.catalogue.periods import ready_at
from kpi_pipeline.catalogue.reporting import Actions, Decisions, Focus, Manual
from kpi_pipeline.history.comments import Comment
from kpi_pipeline.reports.packs.beside import Decision
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Amount, Block, Cell, Column, Prose, Row, Table, Text
from kpi_pipeline.reports.packs.moments import shown_day


def manual(context: Context, section: Manual, _: str) -> list[Block]:
    what = section.what.get(context.language, "")
    found = written(context, section.id)
    if not found:
        return [empty(context, section.id, section.filled_by, what)]
    return [Prose(what, "quiet"), *(said(context, each) for each in found)]


def focus(context: Context, section: Focus, title: str) -> list[Block]:
    words = context.words
    most = words["focus_most"].format(section.most)
    found = written(context, section.kind)
    if not found:
        return [empty(context, section.kind, section.filled_by, most, more=' --kpi … --cause "…"')]
    columns = (
        Column(words["kpi"], share=1.6),
        Column(words["value"], numeric=True, share=1.2),
        Column(words["cause"], share=2),
        Column(words["intervention"], share=2),
        Column(words["author"], share=1.2),
    )
    rows = tuple(
        Row(
            (
                Text(_title(context, each.kpi)),
                _now(context, each.kpi),
                Text(each.cause or NOTHING),
                Text(each.text),
                Text(context.name(each.author), context.at(each.recorded_at)),
            )
        )
        for each in found
    )
    return [Table(title, columns, rows), Prose(most, "quiet")]


def actions(context: Context, _: Actions, title: str) -> list[Block]:
    """Those that are open, and those closed since the report before."""
    words = context.words
    since = previous_report(context)
    shown = []
    for action in context.beside.actions():
        closing = context.beside.closing(action)
        if closing is None or closing.recorded_at >= since:
            shown.append((action, closing))
    if not shown:
        command = _command(context, "actions", " --owner … --due …")
        return [Prose(f"{words['no_actions']} {words['how']}:", code=command)]
    columns = (
        Column(words["no_number"], share=0.5),
        Column(words["action"], share=2.4),
        Column(f"{words['owner']}, {words['due'].lower()}", share=1.4),
        Column(words["status"], share=1.2),
        Column(words["before"], numeric=True, share=1.1),
        Column(words["now"], numeric=True, share=1.1),
        Column(words["effect"], share=1.4),
    )
    rows = [_action(context, action, closing) for action, closing in shown]
    return [Table(title, columns, tuple(rows))]


def _action(context: Context, action: Comment, closing: Comment | None) -> Row:
    words = context.words
    due = action.due
    today = context.known_at.date()
    late = closing is None and due is not None and due < today
    status = words["closed" if closing else "late" if late else "open"]
    before, now, effect = before_and_now(context, action.kpi, action.recorded_at)
    outcome = "" if closing is None else closing.text
    return Row(
        (
            Text(str(action.number)),
            Text(action.text, _title(context, action.kpi) if action.kpi else ""),
            Text(context.name(action.owner), "" if due is None else day_text(due, context.language)),
            Text(status, outcome),
            before,
            now,
            effect,
        )
    )


def decisions(context: Context, _: Decisions, title: str) -> list[Block]:
    """Those that wait, and those taken or concluded since the report before the last one."""
    words = context.words
    since = previous_report(context, 2)
    found = [
        each
        for each in context.beside.decisions
        if each.decided_at is None
        or each.decided_at >= since
        or (each.outcome_at is not None and each.outcome_at >= since)
    ]
    if not found:
        return [Prose(words["no_decisions"])]
    columns = (
        Column(words["question"], share=2.2),
        Column(words["decided"], share=2.2),
        Column(words["before"], numeric=True, share=1.1),
        Column(words["now"], numeric=True, share=1.1),
        Column(words["effect"], share=1.6),
    )
    return [Table(title, columns, tuple(_decision(context, each) for each in found))]


def _decision(context: Context, each: Decision) -> Row:
    words = context.words
    asked = Text(each.question, context.names(each.owners))
    if each.decided_at is None:
        clock = words["overdue" if each.due_at <= context.known_at else "decide_by"]
        waiting = Text(words["not_decided"], f"{clock} {context.at(each.due_at)}")
        return Row((asked, waiting, Text(""), _now(context, each.kpi), Text("")))
    by = f"{words['by']} {context.name(each.decided_by)}, {context.at(each.decided_at)}"
    action = [] if each.action_due is None else [f"{context.name(each.action_owner)}: {_day(context, each.action_due)}"]
    decided = Text(each.decision, "; ".join([by, *action]))
    before, now, effect = before_and_now(context, each.kpi, each.decided_at)
    told = each.outcome if each.outcome else words["no_outcome"]
    quiet = effect.words if isinstance(effect, Text) else ""
    return Row((asked, decided, before, now, Text(told, quiet)))


def before_and_now(context: Context, kpi_id: str, instant: datetime) -> tuple[Cell, Cell, Cell]:
    """A KPI as it was when something was agreed, as the report shows it, and the step between them."""
    nothing = Text("")
    if kpi_id not in context.company.kpis:
        return nothing, nothing, nothing
    kpi = context.kpi(kpi_id)
    agreed = instant.astimezone(context.company.tz).date() - timedelta(days=1)
    then, day = shown_day(context.reading.series(kpi_id), agreed), context.day_of(kpi)
    if then >= day:
        return context.amount(kpi, then, dated=True), nothing, nothing
    new, old = (None if row is None else row.value for row in (context.row(kpi), context.row(kpi, then)))
    step = step_text(kpi, new, old, context.language)
    return context.amount(kpi, then, dated=True), context.amount(kpi, dated=True), Text(step)


def previous_report(context: Context, back: int = 1) -> datetime:
    """When the report of an earlier period was due."""
    report = context.report
    if report.period.unit == "once":
        return datetime.combine(context.period.first, report.due.at, context.company.tz)
    period = report.period.back(context.period, back)
    return ready_at(period, report.due, context.company.tz, running=report.running)


def written(context: Context, section: str) -> list[Comment]:
    return context.beside.written(context.report.id, context.period.name, section)


def said(context: Context, comment: Comment, about: str = "") -> Prose:
    by = f"{context.name(comment.author)}, {context.at(comment.recorded_at)}"
    return Prose(f"{about}: {comment.text}" if about else comment.text, "said", by)


def empty(context: Context, section: str, filled_by: tuple[str, ...], what: str, more: str = "") -> Prose:
    """That something is missing, whose it is, what belongs there, and how it is filled in."""
    words = context.words
    said = f"{words['empty'].format(context.names(filled_by))} {what} {words['how']}:"
    return Prose(said, "place", code=_command(context, section, more))


def _command(context: Context, section: str, more: str) -> str:
    where = f"{context.company.id} {context.report.id} --period {context.period.name} --section {section}"
    return f'kpi report comment {where}{more} --by … --text "…"'


def _now(context: Context, kpi_id: str) -> Amount | Text:
    return context.amount(context.kpi(kpi_id)) if kpi_id in context.company.kpis else Text("")


def _title(context: Context, kpi_id: str) -> str:
    return context.kpi(kpi_id).title(context.language) if kpi_id in context.company.kpis else kpi_id


def _day(context: Context, day: date) -> str:
    return day_text(day, context.language)
