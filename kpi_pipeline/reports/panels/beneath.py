"""Tables beneath the KPIs on a board: each kind of table has one or more views."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from kpi_pipeline.catalogue.dashboards import Beneath
from kpi_pipeline.catalogue.display import day_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.panels.shown import Context

View = Callable[[PanelTable, Context, str], Markup]
WORDS = {
    "nl": {"nothing": "Nog niet berekend.", "as_of": "Stand van {}."},
    "en": {"nothing": "Not computed yet.", "as_of": "As of {}."},
}
VIEWS: Mapping[tuple[str, str], tuple[View, bool]] = {}  # (kind of table, view) → how it is drawn, whether it is wide


def show(panel: Beneath, context: Context, title: str) -> tuple[Markup, bool, bool]:
    """The view of a table; where history holds none, that it was not computed yet."""
    words = WORDS[context.language]
    declared = context.company.dashboards.data[panel.data]
    view, wide = VIEWS[declared.kind, panel.view]
    found = context.tables.get(panel.data)
    if found is None:
        return Markup("<p>{}</p>").format(words["nothing"]), wide, False
    body = view(found, context, title)
    as_of = words["as_of"].format(day_text(found.day, context.language))
    return body + Markup('<p class="quiet">{}</p>').format(as_of), wide, False
