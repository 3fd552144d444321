"""The coming weeks of each KPI: what is expected, within which interval, and how such forecasts did before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kpi_pipeline.catalogue.display import NOTHING, kpi_text, step_text
from kpi_pipeline.catalogue.model import Kpi, Threshold, in_force
from kpi_pipeline.catalogue.reporting import Forecast as Declared
from kpi_pipeline.reports.charts import Band, Line, Series
from kpi_pipeline.reports.forecast import PAST, Forecast, of_kpi
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Block, Column, Figure, Prose, Row, Table, Text
from kpi_pipeline.reports.packs.rows import target
from kpi_pipeline.reports.reading import week_ends

DRAWN = 26
WEEK = timedelta(weeks=1)


def outlook(context: Context, section: Declared, title: str) -> list[Block]:
    words = context.words
    kpis = [context.kpi(name) for name in section.kpis] if section.kpis else context.kpis
    days = week_ends(context.until, PAST)
    found = [(kpi, made) for kpi in kpis if (made := of_kpi(context.reading, kpi, section.weeks)) is not None]
    blocks: list[Block] = []
    if found:
        blocks.append(_table(context, title, found, section.weeks))
    left_out = [kpi.title(context.language) for kpi in kpis if kpi not in [each for each, _ in found]]
    if left_out:
        blocks.append(Prose(words["not_forecast"].format(", ".join(left_out)), "quiet"))
    blocks.append(Prose(words["how_forecast"], "quiet"))
    return blocks + [_figure(context, kpi, made, days, section.weeks) for kpi, made in found if kpi.id in section.drawn]


def _table(context: Context, title: str, found: list[tuple[Kpi, Forecast]], weeks: int) -> Table:
    words = context.words
    half = weeks // 2
    columns = (
        Column(words["kpi"], share=2.0),
        Column(words["value"], numeric=True, share=1.3),
        Column(words["in_weeks"].format(half), numeric=True, share=1.5),
        Column(words["in_weeks"].format(weeks), numeric=True, share=1.5),
        Column(words["target"], numeric=True, share=1.1),
        Column(words["meets_target"], share=1.5),
        Column(words["backtest"], share=2.2),
    )
    rows = [
        Row(
            (
                Text(kpi.title(context.language)),
                context.amount(kpi),
                _ahead(context, kpi, made, half),
                _ahead(context, kpi, made, weeks),
                Text(target(context, kpi).words),
                Text(_meets(context, kpi, made)),
                _backtest(context, kpi, made),
            )
        )
        for kpi, made in found
    ]
    return Table(title, columns, tuple(rows))


def _ahead(context: Context, kpi: Kpi, made: Forecast, ahead: int) -> Text:
    at = ahead - 1
    between = context.words["between"].format(_text(context, kpi, made.low[at]), _text(context, kpi, made.high[at]))
    return Text(_text(context, kpi, made.points[at]), between)


def _text(context: Context, kpi: Kpi, value: Decimal) -> str:
    return kpi_text(kpi, value, context.language)


def _meets(context: Context, kpi: Kpi, made: Forecast) -> str:
    """Whether the whole interval at the end meets the target, a part of it, or nothing of it."""
    aim: Threshold | None = in_force(kpi.target, context.day_of(kpi))
    if aim is None:
        return NOTHING
    met = {aim.holds(made.low[-1]), aim.holds(made.high[-1]), aim.holds(made.points[-1])}
    return context.words["perhaps" if len(met) == 2 or made.is_doubtful else "likely" if True in met else "unlikely"]


def _backtest(context: Context, kpi: Kpi, made: Forecast) -> Text:
    words = context.words
    off = words["off_by"].format(step_text(kpi, made.off, Decimal(0), context.language).lstrip("+±"))
    doubt = [words["doubtful"]] if made.is_doubtful else []
    held = words["backtested"].format(made.held, made.tried)
    return Text(held, "; ".join((*doubt, off, words[f"method_{made.method}"])))


def _figure(context: Context, kpi: Kpi, made: Forecast, days: list[date], weeks: int) -> Figure:
    """The last half year as measured, the coming weeks dashed within their band."""
    words, shown = context.words, days[-DRAWN:]
    measured = context.series(kpi, shown, "week")
    coming = tuple(shown[-1] + WEEK * ahead for ahead in range(1, weeks + 1))
    gap, before = (None,) * weeks, (None,) * len(shown)
    name = words["forecast"]
    texts = tuple(_text(context, kpi, each) for each in made.points)
    aims = tuple(None if (aim := in_force(kpi.target, day)) is None else aim.value for day in (*shown, *coming))
    chart = Line(
        title=kpi.title(context.language),
        language=context.language,
        unit=kpi.unit,
        days=(*shown, *coming),
        series=(
            Series(
                measured.name, (*measured.values, *gap), measured.ref, (*measured.texts, *(NOTHING for _ in coming))
            ),
            Series(name, (*before, *made.points), (), (*(NOTHING for _ in shown), *texts)),
        ),
        target=aims,
        band=Band(words["interval"], (*before, *made.low), (*before, *made.high)),
        dashed=frozenset({name}),
        measured_until=shown[-1],
    )
    return Figure(chart)
