"""What KPIs of one period make together: the steps of a funnel, the movements between two levels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from markupsafe import Markup

from kpi_pipeline.catalogue.display import day_text, month_text
from kpi_pipeline.reports.charts import Bridge, Funnel, Part, Step, figure
from kpi_pipeline.reports.panels.current import ends
from kpi_pipeline.reports.panels.shown import Context

WORDS = {
    "nl": {
        "period": "Wat KPI's van {} tellen: niet dezelfde mensen, dus een stap kan meer dan 100% zijn.",
        "open": "Stand {}",
        "missing": "Nog niet alle KPI's van {} zijn bekend.",
    },
    "en": {
        "period": "What KPIs count of {}: not the same people, so that a step may exceed 100%.",
        "open": "Level {}",
        "missing": "Not all KPIs of {} are known yet.",
    },
}


def funnel(context: Context, names: tuple[str, ...], by: str, title: str) -> Markup:
    """The counts of the last complete period."""
    language = context.language
    day = ends(by, context.reading.day, 1)[0]
    steps = []
    for name in names:
        kpi = context.kpi(name)
        number = context.reading.number(kpi, day)
        steps.append(Step(kpi.title(language), None if number.value is None else Decimal(number.value), number.ref))
    chart = Funnel(title=title, language=language, steps=tuple(steps))
    return figure(chart, WORDS[language]["period"].format(_period(by, day, language)))


def bridge(context: Context, level: str, movements: tuple[str, ...], by: str, title: str) -> Markup:
    """From the level at the end of the period before last to that of the last complete one."""
    reading, language = context.reading, context.language
    words = WORDS[language]
    before, day = ends(by, reading.day, 2)
    kpi = context.kpi(level)
    found = [reading.number(kpi, before), reading.number(kpi, day)]
    parts, missing = [], any(number.value is None for number in found)
    for written in movements:
        moved = context.kpi(written.removeprefix("-").strip())
        number = reading.number(moved, day)
        missing = missing or number.value is None
        amount = Decimal(0) if number.value is None else Decimal(number.value)
        ref = () if written.startswith("-") else number.ref
        parts.append(Part(moved.title(language), -amount if written.startswith("-") else amount, ref))
    if missing:
        return Markup("<p>{}</p>").format(words["missing"].format(_period(by, day, language)))
    levels = [Decimal(number.value) for number in found if number.value is not None]
    chart = Bridge(
        title=f"{title or kpi.title(language)}, {_period(by, day, language)}",
        language=language,
        unit=kpi.unit,
        opening=Part(words["open"].format(day_text(before, language)), levels[0], found[0].ref),
        movements=tuple(parts),
        closing=Part(words["open"].format(day_text(day, language)), levels[1], found[1].ref),
    )
    return figure(chart)


def _period(by: str, day: date, language: str) -> str:
    return month_text(day, language) if by == "month" else day_text(day, language)
