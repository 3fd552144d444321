"""KPIs over time: lines with the target of the first, or bars."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from kpi_pipeline.catalogue.display import month_text, short_day_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.reports.charts import Bars, Line, Series, figure
from kpi_pipeline.reports.panels.current import axis_days, ends
from kpi_pipeline.reports.panels.shown import Context

LABEL = {
    "nl": {"week": "Week", "month": "Maand", "quarter": "Kwartaal"},
    "en": {"week": "Week", "month": "Month", "quarter": "Quarter"},
}


def trend(context: Context, names: tuple[str, ...], by: str, count: int, title: str) -> Markup:
    """A line a KPI over the last periods, to today where today can be read."""
    kpis = [context.kpi(name) for name in names]
    days = context.reading.since_first(kpis, axis_days(context.reading, kpis, by, count))
    first = kpis[0]
    aims = tuple(None if (aim := in_force(first.target, day)) is None else aim.value for day in days)
    chart = Line(
        title=title or first.title(context.language),
        language=context.language,
        unit=first.unit,
        days=tuple(days),
        series=tuple(_series(context, kpi, days) for kpi in kpis),
        target=aims,
        monthly=by != "week",
    )
    return figure(chart)


def columns(context: Context, names: tuple[str, ...], by: str, count: int, stacked: bool, title: str) -> Markup:
    """Bars of complete periods."""
    kpis = [context.kpi(name) for name in names]
    days = ends(by, context.reading.day, count)
    text = short_day_text if by == "week" else month_text
    first = in_force(kpis[0].target, days[-1]) if len(kpis) == 1 else None
    chart = Bars(
        title=title or kpis[0].title(context.language),
        language=context.language,
        unit=kpis[0].unit,
        label_head=LABEL[context.language][by],
        labels=tuple(text(day, context.language) for day in days),
        series=tuple(_series(context, kpi, days) for kpi in kpis),
        stacked=stacked,
        days=tuple(days),
        target=None if first is None else first.value,
    )
    return figure(chart)


def _series(context: Context, kpi: Kpi, days: list[date]) -> Series:
    reading = context.reading
    return Series(
        kpi.title(context.language),
        reading.values(kpi.id, days),
        (("kpi", kpi.id),),
        tuple(reading.number(kpi, day).text for day in days),
    )
