"""Health of customers: how many in each band, by month, who is at risk and what to do, who could buy more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from kpi_pipeline.catalogue.display import count_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.charts import Bars, Series, figure
from kpi_pipeline.reports.panels.current import month_word
from kpi_pipeline.reports.panels.listing import Cell, Status, counted, listing, money
from kpi_pipeline.reports.panels.shown import Context

BANDS = ("healthy", "watch", "at_risk")
PARTS = ("use", "breadth", "trend", "support")
STATUS = {"healthy": "ok", "watch": "warning", "at_risk": "critical"}
MOST = 12
ENOUGH = 20  # of 25 points: a part that is as good as it gets
FEW = 10  # of 25 points: a part that needs something done
WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "customers": "Klanten",
        "healthy": "✓ gezond",
        "watch": "▲ in de gaten",
        "at_risk": "■ risico",
        "score": "Score",
        "customer": "Klant",
        "plan": "Abonnement",
        "mrr": "MRR",
        "why": "Waarom",
        "do": "Interventie",
        "month": "Maand",
        "by_rules": (
            "Score van 0 tot 100 naar regels: gebruik, breedte, verloop en support, elk 25 punten. Geen voorspelling."
        ),
        "use": "weinig mensen actief",
        "breadth": "weinig functies in gebruik",
        "trend": "gebruik loopt terug",
        "support": "veel tickets",
        "do_use": "Bel de beheerder; nodig de gebruikers uit voor een training.",
        "do_breadth": "Laat twee functies zien die bij hun werk passen.",
        "do_trend": "Vraag wat er veranderde; zoek samen een eerste rapport.",
        "do_support": "Los de open tickets op met één aanspreekpunt.",
        "nobody": "Niemand.",
        "room": "{} van {} mensen actief, {} functies",
        "next": "Bied {} aan.",
        "trend_caption": "Aan het eind van elke maand, met wat nu bekend is.",
        "more": "En nog {}.",
        "more_in_bands": "En nog {}: {}.",
        "nameless": "Klant zonder naam in het CRM ({})",
    },
    "en": {
        "customers": "Customers",
        "healthy": "✓ healthy",
        "watch": "▲ watch",
        "at_risk": "■ at risk",
        "score": "Score",
        "customer": "Customer",
        "plan": "Plan",
        "mrr": "MRR",
        "why": "Why",
        "do": "Intervention",
        "month": "Month",
        "by_rules": "Score of 0 to 100 by rules: use, breadth, trend and support, 25 points each. No prediction.",
        "use": "few people active",
        "breadth": "few features in use",
        "trend": "use is falling",
        "support": "many tickets",
        "do_use": "Call the administrator; invite the users to a training.",
        "do_breadth": "Show two features that fit their work.",
        "do_trend": "Ask what changed; build a first report together.",
        "do_support": "Solve the open tickets with one person to talk to.",
        "nobody": "Nobody.",
        "room": "{} of {} people active, {} features",
        "next": "Offer {}.",
        "trend_caption": "At the end of each month, from what is known now.",
        "more": "And {} more.",
        "more_in_bands": "And {} more: {}.",
        "nameless": "Customer without a name in the CRM ({})",
    },
}
Placed = list[tuple[int, Any]]


def distribution(found: PanelTable, context: Context, title: str) -> Markup:
    """How many customers have which score, in tens."""
    words = WORDS[context.language]
    scores = [row["score"] for _, row in _customers(found)]
    tens = range(0, 100, 10)
    counts = tuple(Decimal(sum(min(score, 99) // 10 * 10 == ten for score in scores)) for ten in tens)
    chart = Bars(
        title=title,
        language=context.language,
        label_head=words["score"],
        labels=tuple(f"{ten}–{ten + 9 if ten < 90 else 100}" for ten in tens),
        series=(Series(words["customers"], counts),),
    )
    held = [row["band"] for _, row in _customers(found)]
    counted = " · ".join(f"{words[band]} {count_text(held.count(band), context.language)}" for band in BANDS)
    return figure(chart, f"{counted}. {words['by_rules']}")


def trend(found: PanelTable, context: Context, title: str) -> Markup:
    """Bands by month."""
    words = WORDS[context.language]
    months = [(place, row) for place, row in enumerate(found.rows) if row["kind"] == "month"]
    names = list(dict.fromkeys(row["month"] for _, row in months))
    of = {(row["month"], row["band"]): row["customers"] for _, row in months}
    chart = Bars(
        title=title,
        language=context.language,
        label_head=words["month"],
        labels=tuple(month_word(name, context.language) for name in names),
        series=tuple(
            Series(words[band], tuple(Decimal(of[name, band]) for name in names), colour=STATUS[band]) for band in BANDS
        ),
        stacked=True,
    )
    return figure(chart, words["trend_caption"])


def at_risk(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001 - stands above
    """Who is at risk, most MRR first, with the weakest part and what to do about it; then those to watch."""
    words = WORDS[context.language]
    listed = [each for each in _customers(found) if each[1]["band"] == "at_risk"]
    listed += [each for each in _customers(found) if each[1]["band"] == "watch"]
    rows: list[tuple[str, list[Cell]]] = []
    for place, row in listed[:MOST]:
        weak = [part for part in PARTS if row[part] <= FEW] or [min(PARTS, key=lambda part: row[part])]
        worst = min(weak, key=lambda part: row[part])
        rows.append(
            (
                _name(row, words),
                [
                    Status(STATUS[row["band"]], words[row["band"]]),
                    counted(found, context, place, "score"),
                    money(found, context, place, "mrr_minor"),
                    ", ".join(words[part] for part in weak),
                    words[f"do_{worst}"],
                ],
            )
        )
    head = [words["customer"], "", words["score"], words["mrr"], words["why"], words["do"]]
    if len(listed) <= MOST:
        return _list(context, head, rows, len(listed))
    rest = [row["band"] for _, row in listed[MOST:]]
    held = [(words[band], count_text(rest.count(band), context.language)) for band in BANDS if band in rest]
    bands = " · ".join(f"{band} {count}" for band, count in held)
    more = Markup('<p class="quiet">{}</p>').format(words["more_in_bands"].format(len(rest), bands))
    return _list(context, head, rows, len(rows)) + more


def expansion(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001
    """Healthy customers who use what they have and whose plan is not the largest, most MRR first."""
    words = WORDS[context.language]
    plans = context.company.dashboards.data[found.name].params.plans
    larger = dict(pairwise(plans))
    listed = [(place, row) for place, row in _customers(found) if row["plan"] in larger and _has_grown(row)]
    rows = [
        (
            _name(row, words),
            [
                row["plan"],
                counted(found, context, place, "score"),
                money(found, context, place, "mrr_minor"),
                words["room"].format(row["active"], row["enabled"], row["features"]),
                words["next"].format(larger[row["plan"]]),
            ],
        )
        for place, row in listed[:MOST]
    ]
    head = [words["customer"], words["plan"], words["score"], words["mrr"], words["why"], words["do"]]
    return _list(context, head, rows, len(listed))


def _name(row: Any, words: Mapping[str, str]) -> str:
    """What people call a customer; of one that only billing knows, its id there."""
    return words["nameless"].format(row["name"]) if row["name"] == row["customer"] else str(row["name"])


def _has_grown(row: Any) -> bool:
    return bool(row["band"] == "healthy" and row["use"] >= ENOUGH and row["trend"] >= ENOUGH)


def _customers(found: PanelTable) -> Placed:
    return [(place, row) for place, row in enumerate(found.rows) if row["kind"] == "customer"]


def _list(context: Context, head: list[str], rows: Any, count: int) -> Markup:
    words = WORDS[context.language]
    if not rows:
        return Markup("<p>{}</p>").format(words["nobody"])
    body = listing("", head, rows)
    if count > len(rows):
        body += Markup('<p class="quiet">{}</p>').format(words["more"].format(count - len(rows)))
    return body
