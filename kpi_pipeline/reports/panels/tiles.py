"""Tiles: a KPI each, with its value, status, target, the step since a month before, and a year of trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from kpi_pipeline.catalogue.display import (
    NOTHING,
    short_day_text,
    status_text,
    step_text,
    threshold_text,
)
from kpi_pipeline.catalogue.evidence import evidence_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.reports.charts import Number, sparkline
from kpi_pipeline.reports.panels.current import current_day, day_before, months_before, period_text
from kpi_pipeline.reports.panels.shown import Context
from kpi_pipeline.reports.template import template

MONTHS = 12
WORDS = {
    "nl": {
        "target": "Doel",
        "since": "sinds",
        "better": "beter",
        "worse": "slechter",
        "kpi": "KPI",
        "status": "Status",
        "value": "Waarde",
        "evidence": "teller / noemer; n",
        "change": "t.o.v. een maand eerder",
        "trend": "12 maanden, streep is doel",
        "owner": "eigenaar",
        "nobody": "Geen enkele KPI hoort bij deze groep.",
    },
    "en": {
        "target": "Target",
        "since": "since",
        "better": "better",
        "worse": "worse",
        "kpi": "KPI",
        "status": "Status",
        "value": "Value",
        "evidence": "numerator / denominator; n",
        "change": "Since a month before",
        "trend": "12 months, line is target",
        "owner": "owner",
        "nobody": "No KPI belongs to this group.",
    },
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One KPI as a tile or row shows it. `direction` is better or worse, "" where nothing moved or can be said."""

    kpi: str
    name: str
    href: str
    number: Number
    period: str
    status: str
    status_words: str
    target: str
    step: str
    since: str
    direction: str
    evidence: str
    spark: Markup
    owners: str
    held: tuple[str, ...]


def tiles(context: Context, names: tuple[str, ...]) -> Markup:
    found = [tile(context, context.kpi(name)) for name in names]
    return _render("tiles.html", context, found)


def scores(context: Context, names: tuple[str, ...], group: str) -> Markup:
    """A table of these KPIs, or of those of a group in the order of the files, companions left out."""
    chosen = list(names)
    if group:
        chosen = [kpi.id for kpi in context.company.headline_kpis() if kpi.group == group]
    return _render("scores.html", context, [tile(context, context.kpi(name)) for name in chosen])


def tile(context: Context, kpi: Kpi) -> Tile:
    """A KPI at the last whole period, compared with a month before."""
    reading, language = context.reading, context.language
    day = current_day(reading, kpi)
    before = day_before(kpi, day)
    row = reading.row(kpi.id, day)
    now, then = reading.values(kpi.id, (day, before))
    status = "no_data" if row is None else row.status
    step = step_text(kpi, now, then, language)
    return Tile(
        kpi=kpi.id,
        name=kpi.title(language),
        href=context.link(kpi),
        number=reading.number(kpi, day),
        period=period_text(kpi, day, language),
        status=status,
        status_words=status_text(status, language),
        target=threshold_text(in_force(kpi.target, day), kpi.unit, language),
        step=step,
        since=short_day_text(before, language),
        direction="" if step == NOTHING or step.startswith("±") else _direction(kpi, now, then),
        evidence=_evidence(context, kpi, row),
        spark=_spark(context, kpi, day),
        owners=", ".join(context.company.name_of(owner) for owner in kpi.owners),
        held=context.held(kpi),
    )


def _evidence(context: Context, kpi: Kpi, row: Recorded | None) -> str:
    if row is None:
        return NOTHING
    sides = {"numerator": row.numerator, "denominator": row.denominator}
    return evidence_text(context.company, kpi, context.language, value=row.value, n=row.n, **sides)


def _direction(kpi: Kpi, now: Decimal | None, then: Decimal | None) -> str:
    if now is None or then is None or now == then:
        return ""
    return "better" if (now > then) == (kpi.better == "higher") else "worse"


def _spark(context: Context, kpi: Kpi, day: date) -> Markup:
    days = context.reading.whole_days(kpi.id, [months_before(day, back) for back in range(MONTHS, 0, -1)] + [day])
    values = context.reading.values(kpi.id, days)
    target = in_force(kpi.target, day)
    said = ", ".join(context.reading.number(kpi, each).text for each in days[-3:])
    drawn = sparkline(values, None if target is None else target.value, f"{kpi.title(context.language)}: {said}")
    return Markup(drawn)  # noqa: S704 - our own drawing, escaped


def _render(name: str, context: Context, found: list[Tile]) -> Markup:
    page = template(name).render(tiles=found, words=WORDS[context.language], nothing=NOTHING)
    return Markup(page)  # noqa: S704 - a template of ours, which escapes
