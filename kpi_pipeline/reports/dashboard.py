"""A dashboard as a page: its panels in the order of the file."""

from __future__ import annotations

from kpi_pipeline.catalogue.dashboards import Dashboard
from kpi_pipeline.catalogue.display import day_text, instant_text
from kpi_pipeline.reports.navigation import DASHBOARDS, nav
from kpi_pipeline.reports.panels import Context, render
from kpi_pipeline.reports.template import template

FOLDER = "dashboard"
WORDS = {
    "nl": {
        "until": "Gegevens tot en met",
        "known": "zoals bekend op",
        "for": "Voor",
        "read": "Bekeken",
        "origin": "Oorspronkelijke tekst",
    },
    "en": {
        "until": "Data up to and including",
        "known": "as known at",
        "for": "For",
        "read": "Read",
        "origin": "Original wording",
    },
}


def place(board: Dashboard) -> str:
    """Where the page is, from the company's folder."""
    return f"{FOLDER}/{board.id}.html"


def html(board: Dashboard, context: Context) -> str:
    """The page; all text from files is escaped."""
    language, reading = context.language, context.reading
    return template("dashboard.html").render(
        language=language,
        company=context.company,
        board=board,
        title=board.title(language),
        panels=[render(panel, context) for panel in board.panels],
        words=WORDS[language],
        day=day_text(reading.day, language),
        known_at=instant_text(reading.known_at, language),
        nav=nav(context.company, at=DASHBOARDS, depth=1),
    )
