"""Sections about the way to something: a counter, a migration in blocks, the stages of a company."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kpi_pipeline.catalogue.display import NOTHING, STATUS, day_text, threshold_text, value_text
from kpi_pipeline.catalogue.model import Kpi, Threshold, in_force
from kpi_pipeline.catalogue.reporting import Blocks, Counter, Stage, Stages, StageTarget
from kpi_pipeline.reports.charts import Bullet
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Block, Cell, Column, Facts, Figure, Prose, Row, State, Table, Text
from kpi_pipeline.reports.packs.moments import shown_day
from kpi_pipeline.reports.packs.sections.people import said, written

MONTH = Decimal("30.4375")  # days, on average
SIGNS = {"done": "ok", "planned": "warning", "not_done": "unrated"}


def counter(context: Context, section: Counter, title: str) -> list[Block]:
    words, kpi = context.words, context.kpi(section.kpi)
    day = context.day_of(kpi)
    aim, row = in_force(kpi.target, day), context.row(kpi)
    if aim is None:
        return [Prose(words["no_target"], "place")]
    if row is None or row.value is None:
        return [Prose(words["no_values"], "place")]
    language = context.language
    amount = context.amount(kpi, dated=True)
    chart = Bullet(
        title=title or kpi.title(language),
        language=language,
        unit=kpi.unit,
        value=row.value,
        target=aim.value,
        better=kpi.better,
        ref=amount.number.ref,
    )
    left = max(Decimal(0), aim.value - row.value)
    share = value_text(row.value / aim.value * 100, "percent", language) if aim.value else NOTHING
    done, whole = _months(section.since, day), _months(section.since, section.until)
    rest = _months(day, section.until)
    facts: list[tuple[str, Cell]] = [
        (words["reached"], amount),
        (words["target"], Text(threshold_text(aim, kpi.unit, language))),
        (words["share"], Text(share)),
        (words["left"], Text(value_text(left, kpi.unit, language))),
    ]
    if done > 0:
        facts.append((words["pace"], Text(value_text(row.value / done, kpi.unit, language))))
    if whole > 0 and done > 0:
        expected = aim.value * min(done, whole) / whole
        facts.append((words["expected"], Text(value_text(expected, kpi.unit, language))))
    if rest > 0 and left:
        needed = words["needed"].format(day_text(section.until, language))
        facts.append((needed, Text(value_text(left / rest, kpi.unit, language))))
    return [Figure(chart), Facts(tuple((Text(label), cell) for label, cell in facts))]


def _months(first: date, last: date) -> Decimal:
    return Decimal((last - first).days) / MONTH


def blocks(context: Context, section: Blocks, title: str) -> list[Block]:
    words, language = context.words, context.language
    kpi = context.kpi(section.kpi)
    row = context.row(kpi)
    if row is None or row.value is None:
        return [Prose(words["no_values"], "place")]
    plan = context.row(context.kpi(section.planned)) if section.planned else None
    planned = None if plan is None else plan.value
    size = Decimal(100) / section.parts
    rows = []
    for number in range(1, section.parts + 1):
        level = size * number
        kind = "done" if row.value >= level else "planned" if planned is not None and planned >= level else "not_done"
        reached = _reached(context, kpi, level) if kind == "done" else None
        rows.append(
            Row(
                (
                    Text(f"{words['block']} {number}", value_text(level, "percent", language)),
                    State(SIGNS[kind], f"{STATUS[SIGNS[kind]]['glyph']} {_word(words, kind)}"),
                    Text(NOTHING if reached is None else day_text(reached, language)),
                )
            )
        )
    facts: list[tuple[Text, Cell]] = [(Text(kpi.title(language)), context.amount(kpi, dated=True))]
    if section.planned:
        other = context.kpi(section.planned)
        facts.append((Text(other.title(language)), context.amount(other, dated=True)))
    columns = (
        Column(words["block"], share=1.4),
        Column(words["status"], share=1.4),
        Column(words["since_day"], share=1.4),
    )
    return [Facts(tuple(facts)), Table(title, columns, tuple(rows), role="blocks")]


def _word(words: dict[str, str], kind: str) -> str:
    return f"{words['behind']}, {words['planned']}" if kind == "planned" else words[kind]


def _reached(context: Context, kpi: Kpi, level: Decimal) -> date | None:
    """Since which day the value has been at this level without a break."""
    since = None
    for day, row in context.reading.series(kpi.id).items():
        if row.value is None or row.value < level:
            since = None
        elif since is None:
            since = day
    return since


def stages(context: Context, section: Stages, title: str) -> list[Block]:
    words, language = context.words, context.language
    columns = (
        Column(words["kpi"], share=2.2),
        Column(words["wanted"], numeric=True, share=1.2),
        Column(words["value"], numeric=True, share=1.6),
        Column(words["state"], share=1.6),
    )
    found: list[Block] = []
    for number, stage in enumerate(section.stages, start=1):
        name = stage.name.get(language) or next(iter(stage.name.values()))
        heading = (
            f"{name} ({day_text(stage.first, language)} – {day_text(stage.last, language)}), {_when(context, stage)}"
        )
        rows = tuple(_stage_row(context, each, stage, f"stage_{number}") for each in stage.targets)
        found += [Prose(heading, "heading"), Table(f"{title}: {name}", columns, rows)]
        found += [said(context, each) for each in written(context, f"stage_{number}")]
    return found


def _when(context: Context, stage: Stage) -> str:
    if context.until > stage.last:
        return context.words["past_stage"]
    return context.words["coming_stage" if context.until < stage.first else "current_stage"]


def _stage_row(context: Context, wanted: StageTarget, stage: Stage, section: str) -> Row:
    """What a stage wants and how far it is; of a stage that is over, how far it was when it ended."""
    words, language = context.words, context.language
    if not wanted.kpi:
        filled = bool(written(context, section))
        whose = words["empty"].format(context.name(wanted.filled_by))
        what = wanted.what.get(language) or next(iter(wanted.what.values()))
        return Row((Text(what), Text(NOTHING), Text(NOTHING), Text(words["said"] if filled else whose)))
    kpi = context.kpi(wanted.kpi)
    aim = Threshold(op=wanted.op, value=wanted.value)
    is_over = context.until > stage.last
    day = shown_day(context.reading.series(kpi.id), stage.last) if is_over else context.day_of(kpi)
    row = context.row(kpi, day)
    if row is None or row.value is None:
        state: Cell = Text(words["no_values"])
    else:
        met = aim.holds(row.value)
        word = words["met" if met else "was_not_met" if is_over else "not_met"]
        state = State("ok" if met else "below_target", f"{'✓' if met else '◇'} {word}")
    texts = (Text(kpi.title(language)), Text(threshold_text(aim, kpi.unit, language)))
    return Row((*texts, context.amount(kpi, day, dated=True), state))
