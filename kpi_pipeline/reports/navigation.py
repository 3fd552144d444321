"""How the pages of a company's site lead to one another, by relative links that work from the file system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpi_pipeline.catalogue.model import Company

INDEX, KPIS, DASHBOARDS, REPORTS = "index.html", "kpis.html", "dashboards.html", "reports.html"
WORDS = {
    "nl": {
        "skip": "Naar de inhoud",
        "name": "Site",
        INDEX: "Overzicht",
        DASHBOARDS: "Dashboards",
        KPIS: "KPI's",
        REPORTS: "Rapporten",
    },
    "en": {
        "skip": "Skip to content",
        "name": "Site",
        INDEX: "Overview",
        DASHBOARDS: "Dashboards",
        KPIS: "KPIs",
        REPORTS: "Reports",
    },
}


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    title: str
    current: bool


@dataclass(frozen=True, slots=True)
class Nav:
    """What stands above every page of a site."""

    skip: str
    name: str
    company: str
    home: str
    links: Sequence[Link]


def nav(company: Company, *, at: str = "", depth: int = 0) -> Nav:
    """The navigation of a page `depth` folders below the company's folder; `at` is the page it belongs to."""
    words, up = WORDS[company.language], "../" * depth
    links = [Link(f"{up}{page}", words[page], page == at) for page in (INDEX, DASHBOARDS, KPIS, REPORTS)]
    return Nav(words["skip"], words["name"], company.name, f"{up}{INDEX}", links)
