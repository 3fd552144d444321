"""Page one of a report, the same order every time, on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from kpi_pipeline.catalogue.display import NOTHING, STATUS, day_text, instant_text, short_day_text, status_text
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.reports import attention
from kpi_pipeline.reports.attention import TROUBLED
from kpi_pipeline.reports.packs.beside import Decision
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import (
    Block,
    Cell,
    Column,
    Count,
    Front,
    Prose,
    Row,
    Section,
    Table,
    Text,
)
from kpi_pipeline.reports.packs.rows import change, rank, spark, state, target, value
from kpi_pipeline.reports.packs.words import of_count, period_text

EXCEPTIONS, DECISIONS = 5, 4


def front(context: Context, kpis: Sequence[Kpi]) -> Front:
    """Period, data as of, trust, counts by status, the five exceptions with owner and deadline, open decisions.

    It is about the KPIs that the framework names, as the overview is; what stands beside them comes further on, and is
    on page one only of a report that has nothing else.
    """
    kpis = [kpi for kpi in kpis if kpi.companion_of is None] or kpis
    counted = Counter(context.status(kpi) for kpi in kpis)
    counts = tuple(
        Count(status, status_text(status, context.language), counted[status]) for status in STATUS if counted[status]
    )
    troubled = exceptions(context, kpis)
    return Front(
        facts=_facts(context, kpis),
        headline=headline(context, counted, troubled),
        counts=counts,
        sections=(_attention(context, kpis, troubled), _decisions(context)),
    )


def exceptions(context: Context, kpis: Sequence[Kpi]) -> list[Kpi]:
    """What needs attention, worst first; of one status, what is furthest off its target."""
    found = [kpi for kpi in kpis if context.status(kpi) in TROUBLED]
    return sorted(found, key=lambda kpi: (rank(context.status(kpi)), -off_target(context, kpi)))


def off_target(context: Context, kpi: Kpi) -> float:
    """How far a value is on the wrong side of its target, as a share of the target; else 0."""
    row = context.row(kpi)
    return attention.off_target(kpi, context.day_of(kpi), None if row is None else row.value)


def headline(context: Context, counted: Counter[str], troubled: Sequence[Kpi]) -> str:
    """The report in a sentence, from rules."""
    words, total = context.words, sum(counted.values())
    said = [words["on_target"].format(counted["ok"], total)]
    said += [of_count(status, counted[status], context.language) for status in TROUBLED if counted[status]]
    sentence = ", ".join(said) + "."
    if not troubled:
        return sentence
    return f"{sentence} {words['first'].format(_first(context, troubled[0]))}."


def _first(context: Context, kpi: Kpi) -> str:
    """A KPI with its value and what that is judged by; without a value, that there is none and what it was last."""
    words, name, row = context.words, kpi.title(context.language), context.row(kpi)
    if row is None or row.value is None:
        said = f"{name}: {STATUS[context.status(kpi)][context.language]}"
        known = [day for day, each in context.reading.series(kpi.id).items() if each.value is not None]
        if not known:
            return said
        last = max(known)
        return f"{said}, {words['last_known'].format(context.number(kpi, last).text, day_text(last, context.language))}"
    aim = target(context, kpi)
    judged_by = f"{words['target'].lower()} {aim.words}" if aim.words != NOTHING else aim.quiet
    return f"{name} {context.number(kpi).text}" + (f" ({judged_by})" if judged_by else "")


def _facts(context: Context, kpis: Sequence[Kpi]) -> tuple[tuple[str, str], ...]:
    words, language = context.words, context.language
    over = context.until >= context.period.last
    name = period_text(context.report.period.unit, context.period, language)
    running = words["running"] if context.known_at.date() <= context.period.last else words["part"]
    spoken = name if over else f"{name} ({running.format(short_day_text(context.until, language))})"
    return (
        (words["period"], f"{spoken} · {context.company.zone}"),
        (words["until"], day_text(context.until, language)),
        (words["known"], instant_text(context.known_at, language)),
        (words["trust"], trust_line(context, kpis)),
    )


def trust_line(context: Context, kpis: Sequence[Kpi]) -> str:
    """How many sources are fresh, KPIs not rated for lack of trust, values restated, differences open."""
    words = context.words
    proofs = [context.main[kpi.id] for kpi in kpis if kpi.id in context.main]
    sources, late, unknown, differing = set[str](), set[str](), 0, set[str]()
    for proof in proofs:
        marks = {mark.name: mark for mark in proof.trust.marks}
        sources |= {name.partition("/")[0] for name in proof.receipt.streams}
        if marks["fresh"].verdict == "no":
            late |= {name.partition("/")[0] for name in marks["fresh"].about}
        unknown += marks["fresh"].verdict == "unknown"
        if marks["reconciled"].verdict == "no":
            differing |= set(marks["reconciled"].about)
    vetoed = sum(proof.trust.veto is not None and proof.receipt.row.status == "ok" for proof in proofs)
    restated = sum(proof.trust.is_restated for proof in proofs)
    said = [words["sources_fresh"].format(len(sources - late), len(sources))] if sources else []
    said += [words["sources_late"].format(", ".join(sorted(late)))] if late else []
    said.append(words["not_rated"].format(vetoed))
    said.append(words["restated_count"].format(restated))
    said += [words["differences"].format(len(differing))] if differing else []
    said += [words["no_receipts"].format(unknown)] if unknown else []
    return " · ".join(said)


def _attention(context: Context, kpis: Sequence[Kpi], troubled: Sequence[Kpi]) -> Section:
    words = context.words
    blocks: list[Block] = []
    if troubled:
        columns = (
            Column(words["kpi"], share=2.0),
            Column(words["status"], share=1.55),
            Column(words["value"], numeric=True, share=1.9),
            Column(words["target"], numeric=True, share=1.5),
            Column(words["change"], numeric=True, share=1.2),
            Column(words["trend"], share=1.4),
            Column(f"{words['owner']}, {words['deadline'].lower()}", share=1.8),
        )
        rows = tuple(_exception(context, kpi) for kpi in troubled[:EXCEPTIONS])
        blocks.append(Table(words["attention"], columns, rows, role="exceptions"))
        if len(troubled) > EXCEPTIONS:
            blocks.append(Prose(words["more"].format(len(troubled) - EXCEPTIONS), "quiet"))
    else:
        fine = bool(kpis) and all(context.status(kpi) == "ok" for kpi in kpis)
        blocks.append(Prose(words["all_fine" if fine else "not_all_judged" if kpis else "no_kpis"]))
    return Section("attention", words["attention"], tuple(blocks))


def _exception(context: Context, kpi: Kpi) -> Row:
    name = Text(kpi.title(context.language), anchor=f"kpi-{kpi.id}")
    cells: tuple[Cell, ...] = (
        name,
        state(context, kpi),
        value(context, kpi),
        target(context, kpi),
        change(context, kpi, context.day_before(kpi)),
        spark(context, kpi),
        Text(context.names(kpi.owners) or NOTHING, deadline(context, kpi)),
    )
    return Row(cells)


def deadline(context: Context, kpi: Kpi) -> str:
    """Until when something about a KPI is to be done or decided, and by whom."""
    found = next(context.beside.deadlines(kpi.id), None)
    if found is None:
        return context.words["no_deadline"]
    until, owner, kind = found
    said = day_text(until, context.language) if isinstance(until, date) and not isinstance(until, datetime) else ""
    if isinstance(until, datetime):
        said = f"{context.words['decide_by']} {context.at(until)}"
    who = f" ({context.name(owner)})" if owner and kind == "action" else ""
    return f"{said}{who}"


def _about(context: Context, decision: Decision) -> str:
    """The KPI that made somebody ask, with its value now."""
    kpi = context.company.kpis.get(decision.kpi)
    return "" if kpi is None else f"{kpi.title(context.language)} {context.number(kpi).text}"


def _decisions(context: Context) -> Section:
    """Those that wait, the one with the least time first."""
    words = context.words
    waiting = sorted((each for each in context.beside.decisions if each.is_open), key=lambda each: each.due_at)
    if not waiting:
        return Section("open_decisions", words["open_decisions"], (Prose(words["no_open_decisions"]),))
    rows = []
    for each in waiting[:DECISIONS]:
        clock = words["overdue" if each.due_at <= context.known_at else "decide_by"]
        asked = Text(each.question, "; ".join(filter(None, (_about(context, each), context.names(each.owners)))))
        rows.append(Row((asked, Text(f"{clock} {context.at(each.due_at)}"))))
    columns = (Column(words["question"], share=3), Column(words["deadline"], share=1.2))
    blocks: list[Block] = [Table(words["open_decisions"], columns, tuple(rows), role="decisions")]
    if len(waiting) > DECISIONS:
        blocks.append(Prose(words["more"].format(len(waiting) - DECISIONS), "quiet"))
    return Section("open_decisions", words["open_decisions"], tuple(blocks))
