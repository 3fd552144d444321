"""Tables beneath the KPIs on a board: each kind of table has one or more views."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from kpi_pipeline.catalogue.dashboards import Beneath
from kpi_pipeline.catalogue.display import day_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.panels import cohorts, health, initiatives, selling, use
from kpi_pipeline.reports.panels.shown import Context

View = Callable[[PanelTable, Context, str], Markup]
WORDS = {
    "nl": {"nothing": "Nog niet berekend.", "as_of": "Stand van {}.", "empty": "Er is niets."},
    "en": {"nothing": "Not computed yet.", "as_of": "As of {}.", "empty": "There is nothing."},
}
# (kind of table, view) → how it is drawn, whether it takes the whole width, whether it shows the title itself.
VIEWS: Mapping[tuple[str, str], tuple[View, bool, bool]] = {
    ("customer_cohorts", "customers"): (cohorts.customers, False, False),
    ("customer_cohorts", "revenue"): (cohorts.revenue, False, False),
    ("feature_cohorts", ""): (cohorts.features, True, False),
    ("feature_use", ""): (use.features, False, True),
    ("journey", ""): (use.journey, False, True),
    ("lead_funnel", ""): (selling.leads, False, True),
    ("pipeline", "forecast"): (selling.forecast, False, True),
    ("pipeline", "accuracy"): (selling.accuracy, False, False),
    ("pipeline_outcome", ""): (selling.outcome, False, True),
    ("leaderboard", ""): (selling.leaderboard, False, True),
    ("win_loss", ""): (selling.win_loss, False, True),
    ("health", "distribution"): (health.distribution, False, True),
    ("health", "trend"): (health.trend, False, True),
    ("health", "at_risk"): (health.at_risk, True, False),
    ("health", "expansion"): (health.expansion, True, False),
    ("initiatives", ""): (initiatives.initiatives, False, False),
}


TELL_NOTHING = ("initiatives", "pipeline")  # those that say themselves what it means that there is nothing


def show(panel: Beneath, context: Context, title: str) -> tuple[Markup, bool, bool]:
    """The view of a table; where history holds none, that it was not computed yet."""
    words = WORDS[context.language]
    declared = context.company.dashboards.data[panel.data]
    view, wide, titled = VIEWS[declared.kind, panel.view or declared.params.views[0]]
    found = context.tables.get(panel.data)
    if found is None:
        return _nothing(words["nothing"]), wide, False
    body = view(found, context, title) if found.rows or declared.kind in TELL_NOTHING else _nothing(words["empty"])
    as_of = words["as_of"].format(day_text(found.day, context.language))
    return body + Markup('<p class="quiet">{}</p>').format(as_of), wide, titled


def _nothing(words: str) -> Markup:
    return Markup("<p>{}</p>").format(words)
