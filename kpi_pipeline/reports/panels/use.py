"""How the product is used: features by plan, and the journey from signing up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from kpi_pipeline.catalogue.display import count_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import HeatMap, Link, Sankey, figure
from kpi_pipeline.reports.panels.quotient import Quotient
from kpi_pipeline.reports.panels.shown import Context

USED = Quotient("used", "of")
WORDS = {
    "nl": {
        "feature": "Functie",
        "no_plan": "Zonder abonnement",
        "share": "Aandeel van de actieve accounts van elk abonnement dat de functie in {} dagen gebruikte. n: {}.",
        "stages": ("Aangemeld", "Eerste stap, 7 dagen", "Functies in 30 dagen", "Dag 45"),
        "signed_up": "Aangemeld",
        "nothing": "Niets",
        "paying": "Betaalt",
        "not_paying": "Betaalt niet",
        "features": "{} functies",
        "journey": "{} accounts die zich in {} dagen aanmeldden, minstens 45 dagen geleden.",
    },
    "en": {
        "feature": "Feature",
        "no_plan": "Without a plan",
        "share": "Share of the active accounts of each plan that used the feature in {} days. n: {}.",
        "stages": ("Signed up", "First step, 7 days", "Features in 30 days", "Day 45"),
        "signed_up": "Signed up",
        "nothing": "Nothing",
        "paying": "Paying",
        "not_paying": "Not paying",
        "features": "{} features",
        "journey": "{} accounts that signed up within {} days, at least 45 days ago.",
    },
}


def features(found: PanelTable, context: Context, title: str) -> Markup:
    """A heat map of features by plan."""
    words, language = WORDS[context.language], context.language
    params = _params(context, found)
    plans = list(dict.fromkeys(row["plan"] for row in found.rows))
    named = {"": str(words["no_plan"])}
    by_cell = {(row["feature"], row["plan"]): row for row in found.rows}
    # Of the table, not of the declaration: a feature that was added since is not known yet.
    features = list(dict.fromkeys(row["feature"] for row in found.rows))
    grid = [[[by_cell[feature, plan]] for plan in plans] for feature in features]
    chart = HeatMap(
        title=title,
        language=language,
        unit="percent",
        row_head=str(words["feature"]),
        rows=tuple(_name(params.features.get(feature, {}), feature, language) for feature in features),
        columns=tuple(named.get(plan, plan) for plan in plans),
        cells=tuple(tuple(USED.of(rows) for rows in line) for line in grid),
        refs=tuple(tuple(USED.ref(found, rows) for rows in line) for line in grid),
        low=Decimal(0),
        high=Decimal(100),
    )
    counts = ", ".join(
        f"{named.get(plan, plan)} {count_text(by_cell[features[0], plan]['of'], language)}" for plan in plans
    )
    return figure(chart, str(words["share"]).format(params.days, counts))


def journey(found: PanelTable, context: Context, title: str) -> Markup:
    """A Sankey of the steps that accounts took."""
    words, params = WORDS[context.language], _params(context, found)

    def station(name: str) -> str:
        if name in params.features:
            return _name(params.features[name], name, context.language)
        return str(words[name]) if name in words else str(words["features"]).format(name)

    links = tuple(
        Link(
            row["stage"],
            station(row["source"]),
            station(row["target"]),
            row["accounts"],
            (("table", found.name), ("day", found.day.isoformat()), ("row", str(place)), ("column", "accounts")),
        )
        for place, row in enumerate(found.rows)
    )
    chart = Sankey(title=title, language=context.language, stages=tuple(words["stages"]), links=links)
    began = sum(link.count for link in links if link.stage == 0)
    return figure(chart, str(words["journey"]).format(count_text(began, context.language), params.days))


def _name(names: Any, key: str, language: str) -> str:
    return str(names.get(language, next(iter(names.values()), key)))


def _params(context: Context, found: PanelTable) -> Any:
    return context.company.dashboards.data[found.name].params
