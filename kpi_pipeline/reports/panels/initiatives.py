"""Initiatives and how they stand."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from kpi_pipeline.catalogue.display import NOTHING, day_text
from kpi_pipeline.history.panel_table import PanelTable
from kpi_pipeline.reports.panels.listing import Cell, Status, listing
from kpi_pipeline.reports.panels.quotient import Quotient
from kpi_pipeline.reports.panels.shown import Context

STATUS = {"done": "ok", "ahead": "ok", "on_track": "ok", "needs_attention": "warning"}
DONE = Quotient("done", "of")
WORDS = {
    "nl": {
        "initiative": "Initiatief",
        "state": "Toestand",
        "done": "✓ klaar",
        "ahead": "✓ voor op schema",
        "on_track": "✓ op koers",
        "needs_attention": "▲ vraagt aandacht",
        "part": "Klaar",
        "next": "Volgende mijlpaal",
        "none": "Er is geen initiatief opgeschreven: kpi register template {} initiatives",
    },
    "en": {
        "initiative": "Initiative",
        "state": "State",
        "done": "✓ done",
        "ahead": "✓ ahead of schedule",
        "on_track": "✓ on track",
        "needs_attention": "▲ needs attention",
        "part": "Done",
        "next": "Next milestone",
        "none": "No initiative was written down: kpi register template {} initiatives",
    },
}


def initiatives(found: PanelTable, context: Context, title: str) -> Markup:  # noqa: ARG001 - stands above
    """A row an initiative."""
    words, language = WORDS[context.language], context.language
    if not found.rows:
        return Markup("<p>{}</p>").format(words["none"].format(context.company.id))
    rows: list[tuple[str, list[Cell]]] = []
    for row in found.rows:
        state = row["state"]
        following = NOTHING if row["next"] is None else day_text(date.fromisoformat(row["next"]), language)
        done = DONE.number(found, [row], "percent", language)
        cells: list[Cell] = [Status(STATUS[state], words[state]), done, following]
        rows.append((row["name"], cells))
    head = [words["initiative"], words["state"], words["part"], words["next"]]
    return listing("", head, rows)
