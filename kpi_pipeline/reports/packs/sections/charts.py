"""Sections that are drawn: XmR charts with what they say, lines over time, bridges from one amount to another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kpi_pipeline.catalogue.display import day_text, short_day_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.catalogue.periods import Periods
from kpi_pipeline.catalogue.reporting import Bridge, Process, Trend
from kpi_pipeline.reports.charts import Bridge as BridgeChart
from kpi_pipeline.reports.charts import Line, Part
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Block, Facts, Figure, Prose, Text
from kpi_pipeline.reports.packs.moments import shown_day
from kpi_pipeline.reports.packs.rows import signal
from kpi_pipeline.reports.process import process_of

MOST = 8


def process(context: Context, section: Process, _: str) -> list[Block]:
    kpis = [context.kpi(name) for name in section.kpis] if section.kpis else _with_signals(context)
    if not kpis:
        return [Prose(context.words["no_signals"])]
    blocks: list[Block] = []
    for kpi in kpis[:MOST]:
        blocks += _process(context, kpi)
    return blocks


def _with_signals(context: Context) -> list[Kpi]:
    """Those whose newest point is part of something that has a cause, concern before improvement."""
    found = []
    for kpi in context.kpis:
        judged = process_of(context.reading, kpi).judged
        if judged is not None and judged.variation.kind != "common":
            found.append((judged.variation.kind != "concern", kpi))
    return [kpi for _, kpi in sorted(found, key=lambda each: each[0])]


def _process(context: Context, kpi: Kpi) -> list[Block]:
    words, found = context.words, process_of(context.reading, kpi)
    if found.chart is None:
        return [Prose(f"{kpi.title(context.language)}: {words[found.why_not or 'no_values']}", "quiet")]
    for dot in found.chart.dots:
        context.number(kpi, dot.day)
    blocks: list[Block] = [Figure(found.chart)]
    if found.judged is None:
        return [*blocks, Prose(words[found.why_not or "few"], "quiet")]
    spoken = zip((words["variation"], words["assurance"]), signal(context, kpi).drawings, strict=False)
    blocks.append(Facts(tuple((Text(label), Text(said)) for label, (_, said) in spoken)))
    if found.judged.limits.is_trial:
        blocks.append(Prose(words["trial"], "quiet"))
    return blocks


def trend(context: Context, section: Trend, title: str) -> list[Block]:
    kpis = [context.kpi(name) for name in section.kpis]
    days = context.reading.since_first(kpis, _days(context, section))
    aims = tuple(None if (aim := in_force(kpis[0].target, day)) is None else aim.value for day in days)
    chart = Line(
        title=title or kpis[0].title(context.language),
        language=context.language,
        unit=kpis[0].unit,
        days=tuple(days),
        series=tuple(context.series(kpi, days, section.by) for kpi in kpis),
        target=aims,
        target_of=kpis[0].title(context.language) if _differ(kpis, days[-1]) else "",
        monthly=section.by in ("month", "quarter"),
    )
    if not any(value is not None for each in chart.series for value in each.values):
        return [Prose(f"{chart.title}: {context.words['no_values']}", "quiet")]
    return [Figure(chart), *_running(context, kpis, days[-1])]


def _differ(kpis: list[Kpi], day: date) -> bool:
    """Whether KPIs of one drawing have different targets, of which it can show one."""
    aims = {aim.value for kpi in kpis if (aim := in_force(kpi.target, day)) is not None}
    return len(aims) > 1


def _running(context: Context, kpis: list[Kpi], day: date) -> list[Block]:
    """What is left out of a drawing at its last day: the values so far of periods that are not over."""
    found = []
    for kpi in kpis:
        row = context.row(kpi, day)
        if row is not None and not row.closed and row.value is not None:
            so_far = context.words["so_far"].format(short_day_text(day, context.language))
            found.append(f"{kpi.title(context.language)}, {so_far} {context.number(kpi, day).text}.")
    return [Prose(" ".join(found), "quiet")] if found else []


def _days(context: Context, section: Trend) -> list[date]:
    """The ends of the last whole periods, in order, and the last day of the report where its own is not over."""
    periods = Periods(section.by)
    period = periods.containing(context.until)
    days = [context.until] if period.last > context.until else []
    while len(days) < section.count:
        if period.last <= context.until:
            days.append(period.last)
        period = periods.before(period)
    return days[::-1]


def bridge(context: Context, section: Bridge, title: str) -> list[Block]:
    words, language = context.words, context.language
    ends = _ends(context, section)
    if ends is None:
        return [Prose(words["incomplete"].format(context.kpi(section.level).title(language)), "place")]
    (opening, before), (closing, day) = ends
    missing = [kpi.title(language) for kpi, when in ends if _value(context, kpi, when) is None]
    parts = []
    for name in section.movements:
        kpi = context.kpi(name.removeprefix("-").strip())
        value = _value(context, kpi, day)
        if value is None:
            missing.append(kpi.title(language))
            continue
        number = context.number(kpi, day)
        down = name.startswith("-")
        parts.append(Part(kpi.title(language), -value if down else value, () if down else number.ref))
    if missing:
        return [Prose(words["incomplete"].format(", ".join(missing)), "place")]
    chart = BridgeChart(
        title=title or closing.title(language),
        language=language,
        unit=closing.unit,
        opening=_part(context, opening, before, dated=before != day),
        movements=tuple(parts),
        closing=_part(context, closing, day, dated=before != day),
    )
    return [Figure(chart)]


def _ends(context: Context, section: Bridge) -> tuple[tuple[Kpi, date], tuple[Kpi, date]] | None:
    """Opening and closing KPI, each with its day; of a level those of the last whole period and the one before."""
    if not section.level:
        day = context.until
        return (context.kpi(section.opening), day), (context.kpi(section.closing), day)
    level, periods = context.kpi(section.level), Periods(section.by)
    period = periods.containing(context.until)
    if period.last > context.until:
        period = periods.before(period)
    return (level, periods.before(period).last), (level, period.last)


def _value(context: Context, kpi: Kpi, day: date) -> Decimal | None:
    series = context.reading.series(kpi.id)
    row = series.get(shown_day(series, day))
    return None if row is None else row.value


def _part(context: Context, kpi: Kpi, day: date, *, dated: bool) -> Part:
    number, value = context.number(kpi, day), _value(context, kpi, day)
    assert value is not None  # noqa: S101 - the caller has looked
    name = context.words["level"].format(day_text(day, context.language)) if dated else kpi.title(context.language)
    return Part(name, value, number.ref)
