"""A scorecard as one self-contained HTML page: no script, no external request, light and dark, printable."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from kpi_pipeline.catalogue.display import STATUS, day_text, instant_text, status_text
from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.reports.scorecard import Scorecard
from kpi_pipeline.reports.template import template

WORDS = {
    "nl": {
        "title": "Weekscorecard",
        "week": "Week",
        "running": "voorlopig: deze week loopt nog",
        "until": "Gegevens tot en met",
        "known": "Zoals bekend op",
        "attention": "Vraagt aandacht",
        "nothing": "Alle KPI's zijn op koers.",
        "unjudged": "Geen enkele KPI is over een grens, maar niet alle zijn beoordeeld: zie de tabel.",
        "more": "En nog {}, zie de tabel.",
        "scorecard": "Alle KPI's",
        "kpi": "KPI",
        "value": "Waarde",
        "target": "Doel",
        "change": "t.o.v. vorige week",
        "trend": "26 weken, streep is doel",
        "evidence": "Teller / noemer; n",
        "status": "Status",
        "owner": "Eigenaar",
        "sources": "Versheid per bron",
        "source": "Bron",
        "newest": "Nieuwste gegeven",
        "loaded": "Laatst opgehaald",
        "fresh": "✓ vers",
        "stale": "◔ verouderd",
        "definitions": "Betekenis van de KPI's",
        "critical": "kritiek bij",
        "explain": "Uitleg met de onderliggende records",
        "undelivered": "Berichten die niet zijn aangekomen",
    },
    "en": {
        "title": "Weekly scorecard",
        "week": "Week",
        "running": "provisional: this week is not over",
        "until": "Data up to and including",
        "known": "As known at",
        "attention": "Needs attention",
        "nothing": "All KPIs are on target.",
        "unjudged": "No KPI is past a threshold, but not all of them were judged: see the table.",
        "more": "And {} more, see the table.",
        "scorecard": "All KPIs",
        "kpi": "KPI",
        "value": "Value",
        "target": "Target",
        "change": "since last week",
        "trend": "26 weeks, line is target",
        "evidence": "Numerator / denominator; n",
        "status": "Status",
        "owner": "Owner",
        "sources": "Freshness by source",
        "source": "Source",
        "newest": "Newest record",
        "loaded": "Last loaded",
        "fresh": "✓ fresh",
        "stale": "◔ stale",
        "definitions": "What the KPIs mean",
        "critical": "critical at",
        "explain": "Explanation with the records behind it",
        "undelivered": "Messages that did not arrive",
    },
}


def html(scorecard: Scorecard) -> str:
    """The page; every text that comes from files or vendors is escaped, only our own SVG is not."""
    language = scorecard.language
    return template("scorecard.html").render(
        card=scorecard,
        words=WORDS[language],
        statuses=[(status, status_text(status, language)) for status in STATUS if scorecard.counts[status]],
        day=lambda value: day_text(value, language),
        instant=lambda value: instant_text(value, language),
    )


def write(page: str, path: Path) -> Path:
    """Write a page whole or not at all; raises StoreUnavailable when the folder cannot be written."""
    return write_bytes(page.encode(), path)


def write_bytes(content: bytes, path: Path) -> Path:
    """Write a file whole or not at all; of two writers at once the last one's is there. Raises StoreUnavailable."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"writing the report {path.name}",
            f"{path.parent}: {error.strerror}",
            remedy="Check that the folder exists, can be written and has space",
        ) from error
    return path


def file_name(company_id: str, scorecard: Scorecard) -> str:
    return f"{company_id}-{scorecard.year}-W{scorecard.week:02d}.html"
