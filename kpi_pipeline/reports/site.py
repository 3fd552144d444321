"""The pages that lead to the others: overview, all KPIs with a search, dashboards, archived reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kpi_pipeline.catalogue.display import STATUS, day_text, instant_text, status_text
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.reports import dashboard
from kpi_pipeline.reports.attention import TROUBLED, off_target
from kpi_pipeline.reports.navigation import DASHBOARDS, INDEX, KPIS, REPORTS, nav
from kpi_pipeline.reports.packs.words import period_text
from kpi_pipeline.reports.panels import Context
from kpi_pipeline.reports.panels.tiles import Tile, tile
from kpi_pipeline.reports.template import template

MOST = 5
NEWEST = 8
WORDS = {
    "nl": {
        "until": "Gegevens tot en met",
        "known": "zoals bekend op",
        "attention": "Vraagt aandacht",
        "nothing": "Geen enkele KPI vraagt aandacht.",
        "more": "En nog {}: zie alle KPI's.",
        "owner": "Eigenaar",
        "target": "Doel",
        "dashboards": "Dashboards",
        "for": "voor",
        "reports": "Rapporten",
        "newest": "Nieuwste rapporten",
        "none": "Er is nog geen rapport gearchiveerd.",
        "no_boards": "Het raamwerk noemt geen dashboards.",
        "all": "Alle KPI's",
        "find": "Zoek op naam, id of eigenaar",
        "found": "gevonden",
        "groups": "Naar een groep",
        "rest": "Overige",
        "kpi": "KPI",
        "status": "Status",
        "value": "Waarde",
        "report": "Rapport",
        "period": "Periode",
        "format": "Bestanden, elk met het begin van zijn controlegetal",
        "proof": "Controleer met",
        "beside": "staat ernaast",
        "held": "Gedempt en opgepakt",
        "undelivered": "Niet bezorgde meldingen",
        "dead": "Geen kanaal nam ze aan. Bekijk en verstuur ze opnieuw:",
        "about": "Waarover",
        "when": "Moment",
        "channel": "Kanaal",
        "error": "Waarom niet",
        "instead": "In plaats daarvan",
    },
    "en": {
        "until": "Data up to and including",
        "known": "as known at",
        "attention": "Needs attention",
        "nothing": "No KPI needs attention.",
        "more": "And {} more: see all KPIs.",
        "owner": "Owner",
        "target": "Target",
        "dashboards": "Dashboards",
        "for": "for",
        "reports": "Reports",
        "newest": "Newest reports",
        "none": "No report has been archived yet.",
        "no_boards": "The framework names no dashboards.",
        "all": "All KPIs",
        "find": "Find by name, id or owner",
        "found": "found",
        "groups": "Go to a group",
        "rest": "Others",
        "kpi": "KPI",
        "status": "Status",
        "value": "Value",
        "report": "Report",
        "period": "Period",
        "format": "Files, each with the beginning of its checksum",
        "proof": "Verify with",
        "beside": "beside it",
        "held": "Held back and in hand",
        "undelivered": "Notices that did not arrive",
        "dead": "No channel took them. Look at them and send them again:",
        "about": "About",
        "when": "When",
        "channel": "Channel",
        "error": "Why not",
        "instead": "Instead",
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """A KPI in the list, with the words that a search looks through."""

    tile: Tile
    is_companion: bool
    search: str


# The forms of a report as people call them, the ones to read first.
FORMATS = {
    "html": ("webpagina", "web page"),
    "pdf": ("PDF", "PDF"),
    "xlsx": ("Excel", "Excel"),
    "eml": ("mail", "mail"),
    "json": ("JSON", "JSON"),
}


@dataclass(frozen=True, slots=True)
class File:
    """One form of an archived report; `href` from the company's folder, `digest` the beginning of its SHA-256."""

    href: str
    format: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Archived:
    """An archived report in the list, with all its forms."""

    report: str
    period: str
    known: str
    files: list[File]


def pages(context: Context, entries: Sequence[Entry]) -> Mapping[str, str]:
    """File name → page, for the top of a company's site. `context.kpi_folder` is "kpi/" here."""
    found = [tile(context, kpi) for kpi in context.company.headline_kpis()]
    urgent = sorted((each for each in found if each.status in TROUBLED), key=lambda each: _urgency(context, each))
    archived = _archived(context, entries)
    boards = [
        (dashboard.place(board), board.title(context.language), board.audience)
        for board in context.company.dashboards.boards.values()
    ]
    held = {status: sum(each.status == status for each in found) for status in STATUS}
    counts = [(status, status_text(status, context.language), count) for status, count in held.items() if count]
    return {
        INDEX: _page(
            "index.html",
            INDEX,
            context,
            urgent=urgent[:MOST],
            more=max(0, len(urgent) - MOST),
            counts=counts,
            held=_held(context),
            undelivered=context.beside.undelivered,
            boards=boards,
            archived=archived[:NEWEST],
        ),
        KPIS: _page("kpis.html", KPIS, context, groups=_groups(context)),
        DASHBOARDS: _page("dashboards.html", DASHBOARDS, context, boards=boards),
        REPORTS: _page("reports.html", REPORTS, context, archived=archived),
    }


def _urgency(context: Context, each: Tile) -> tuple[int, float]:
    """Worst first; of one status, what is furthest off its target."""
    day = date.fromisoformat(dict(each.number.ref)["day"])
    value = None if each.number.value is None else Decimal(each.number.value)
    return TROUBLED.index(each.status), -off_target(context.kpi(each.kpi), day, value)


def _held(context: Context) -> list[tuple[str, str, list[str]]]:
    """(page, name, whole lines) of every KPI whose alerts are held back or in hand, in the order of the files."""
    found = [(kpi, context.beside.held.get(kpi.id, ())) for kpi in context.company.kpis.values()]
    return [
        (context.link(kpi), kpi.title(context.language), [each.whole for each in lines])
        for kpi, lines in found
        if lines
    ]


def _page(name: str, at: str, context: Context, **content: object) -> str:
    language, reading = context.language, context.reading
    return template(name).render(
        language=language,
        company=context.company,
        words=WORDS[language],
        nav=nav(context.company, at=at),
        day=day_text(reading.day, language),
        known_at=instant_text(reading.known_at, language),
        **content,
    )


def _groups(context: Context) -> list[tuple[str, str, list[Line]]]:
    """(anchor, name, its KPIs with their companions below them) in the order of the files."""
    company = context.company
    groups: dict[str, list[Line]] = {}
    for kpi in company.headline_kpis():
        name = kpi.group or WORDS[context.language]["rest"]
        lines = groups.setdefault(name, [])
        lines.append(_line(context, kpi))
        lines += [_line(context, each) for each in company.companions(kpi.id)]
    return [(f"group-{number}", name, lines) for number, (name, lines) in enumerate(groups.items(), start=1)]


def _line(context: Context, kpi: Kpi) -> Line:
    found = tile(context, kpi)
    words = [kpi.id, *kpi.name.values(), found.owners, kpi.group]
    return Line(found, kpi.companion_of is not None, " ".join(words).lower())


def _period_words(context: Context, report: str, period: str) -> str:
    """A period as the report itself calls it; of one that is no longer declared, its name."""
    declared = context.company.reports.get(report)
    if declared is None:
        return period
    try:
        return period_text(declared.period.unit, declared.period.named(period), context.language)
    except ValueError:  # the report was of other periods when this one was archived
        return period


def _archived(context: Context, entries: Sequence[Entry]) -> list[Archived]:
    """A report of a period as it was known at an instant, with its forms; the newest first."""
    company, found = context.company, dict[tuple[str, str, datetime], list[File]]()
    for entry in reversed(entries):
        name = FORMATS.get(entry.format, (entry.format, entry.format))[context.language == "en"]
        file = File(entry.file.removeprefix(f"{company.id}/"), entry.format, name, entry.sha256[:12])
        found.setdefault((entry.report, entry.period, entry.known_at), []).append(file)
    return [
        Archived(
            report=company.reports[report].title(context.language) if report in company.reports else report,
            period=_period_words(context, report, period),
            known=instant_text(known_at.astimezone(company.tz), context.language),
            files=sorted(files, key=lambda file: [*FORMATS, file.format].index(file.format)),
        )
        for (report, period, known_at), files in found.items()
    ]
