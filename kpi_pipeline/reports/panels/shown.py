"""What a panel needs, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.reports.held import Beside
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.tables import Tables


@dataclass(frozen=True, slots=True)
class Context:
    """History as read, the tables beneath the KPIs, and where the pages of KPIs are from here ("../kpi/").

    `beside`: what is held back of alerts, and what did not arrive.
    """

    reading: Reading
    tables: Tables
    kpi_folder: str = field(default="../kpi/")
    beside: Beside = field(default_factory=Beside)

    @property
    def company(self) -> Company:
        return self.reading.company

    @property
    def language(self) -> str:
        return self.reading.language

    def kpi(self, name: str) -> Kpi:
        return self.company.kpis[name]

    def held(self, kpi: Kpi) -> tuple[str, ...]:
        """In a few words each: what holds back the alerts of a KPI, and who has them in hand."""
        return tuple(dict.fromkeys(each.brief for each in self.beside.held.get(kpi.id, ())))

    def link(self, kpi: Kpi) -> str:
        return f"{self.kpi_folder}{kpi.id}.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as markup. `title` is a heading above it, "" where the body has its own; a `wide` one takes the row."""

    title: str
    body: Markup
    wide: bool = False
    note: str = ""
