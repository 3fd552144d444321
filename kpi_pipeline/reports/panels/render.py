"""A declared panel → what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from kpi_pipeline.catalogue.dashboards import Beneath, Forecast, Manual, Panel, Process
from kpi_pipeline.catalogue.dashboards import Model as Awaited
from kpi_pipeline.reports.charts import figure
from kpi_pipeline.reports.panels import beneath, counts, outlook, series, tiles
from kpi_pipeline.reports.panels.shown import Context, Shown
from kpi_pipeline.reports.process import process_of, verdicts

WORDS = {
    "nl": {
        "manual": "Niet ingevuld. {} vult dit in.",
        "model": "Hiervoor is een model nodig, dat er nog niet is.",
        "empty": "Er zijn nog geen waarden.",
    },
    "en": {
        "manual": "Not filled in. {} fills this in.",
        "model": "This needs a model, which is not there yet.",
        "empty": "There are no values yet.",
    },
}


def render(panel: Panel, context: Context) -> Shown:
    """What a panel shows. A title that the chart itself carries is not repeated above it."""
    title = panel.heading(context.language)
    body, wide, titled = SHOW[panel.kind](panel, context, title)
    note = panel.note.get(context.language, "")
    return Shown("" if titled else title, body, wide, note)


Drawn = tuple[Markup, bool, bool]  # the body, whether it takes the whole width, whether it shows the title itself


def _tiles(panel: Any, context: Context, _: str) -> Drawn:
    return tiles.tiles(context, panel.kpis), True, False


def _scores(panel: Any, context: Context, _: str) -> Drawn:
    return tiles.scores(context, panel.kpis, panel.group), True, False


def _trend(panel: Any, context: Context, title: str) -> Drawn:
    return series.trend(context, panel.kpis, panel.by, panel.count, title), False, True


def _columns(panel: Any, context: Context, title: str) -> Drawn:
    return series.columns(context, panel.kpis, panel.by, panel.count, panel.stacked, title), False, True


def _funnel(panel: Any, context: Context, title: str) -> Drawn:
    return counts.funnel(context, panel.kpis, panel.by, title), False, True


def _bridge(panel: Any, context: Context, title: str) -> Drawn:
    return counts.bridge(context, panel.level, panel.movements, panel.by, title), False, True


def _process(panel: Process, context: Context, _: str) -> Drawn:
    found = process_of(context.reading, context.kpi(panel.kpi))
    if found.chart is None:
        return Markup("<p>{}</p>").format(WORDS[context.language]["empty"]), False, False
    said = [] if found.judged is None else verdicts(found.judged, context.language)
    items = Markup().join(Markup("<li>{}<span>{}</span></li>").format(icon, words) for icon, words in said)
    return figure(found.chart) + Markup('<ul class="verdicts">{}</ul>').format(items), False, True


def _forecast(panel: Forecast, context: Context, _: str) -> Drawn:
    return outlook.outlook(context, panel.kpis, panel.weeks), True, False


def _beneath(panel: Beneath, context: Context, title: str) -> Drawn:
    return beneath.show(panel, context, title)


def _manual(panel: Manual, context: Context, _: str) -> Drawn:
    what = panel.what.get(context.language, "")
    role = context.company.role_of(panel.filled_by)
    return _place("manual", what, WORDS[context.language]["manual"].format(role)), False, False


def _model(panel: Awaited, context: Context, _: str) -> Drawn:
    return _place("model", panel.what.get(context.language, ""), WORDS[context.language]["model"]), False, False


def _place(kind: str, what: str, said: str) -> Markup:
    return Markup('<div class="place {}"><p><strong>{}</strong></p><p>{}</p></div>').format(kind, said, what)


SHOW: Mapping[str, Callable[[Any, Context, str], Drawn]] = {
    "tiles": _tiles,
    "scores": _scores,
    "trend": _trend,
    "columns": _columns,
    "funnel": _funnel,
    "bridge": _bridge,
    "process": _process,
    "forecast": _forecast,
    "data": _beneath,
    "manual": _manual,
    "model": _model,
}
