"""The page of one KPI: what it means, where it comes from, who owns it, and what it was to reach when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_pipeline.catalogue.display import NOTHING, cadence_text, day_text, threshold_text
from kpi_pipeline.catalogue.model import Company, Kpi, in_force
from kpi_pipeline.catalogue.rules.derived import findings
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.reports.kpi_page import Numbers
from kpi_pipeline.reports.navigation import Nav
from kpi_pipeline.reports.template import template

KEYS = ("target", "warning", "critical")
WORDS = {
    "nl": {
        "scorecard": "KPI's van {}",
        "meaning": "Wat er gemeten wordt",
        "reading": "Hoe het gelezen wordt",
        "origin": "Oorspronkelijke tekst",
        "contradictions": "Tegenstrijdigheden",
        "targets": "Doelen en grenzen door de tijd",
        "since": "Sinds",
        "target": "Doel",
        "warning": "Waarschuwing",
        "critical": "Kritiek",
        "approved": "Goedgekeurd door",
        "printed": "volgens het raamwerk",
        "now": "nu van kracht",
        "none": "Er is geen doel of grens afgesproken.",
        "follows": "Het doel volgt uit",
        "owners": "Eigenaren",
        "owner": "Eigenaar",
        "role": "Rol",
        "nobody": "Niemand is eigenaar.",
        "facts": "Herkomst",
        "streams": "Gegevensstromen",
        "fact": "Feit",
        "columns": "Gebruikte kolommen",
        "parts": "Berekend uit deze KPI's",
        "users": "Gebruikt in",
        "companions": "Staat ernaast",
        "companion_of": "Staat naast",
        "details": "Kenmerken",
        "unit": "Eenheid",
        "better": "Beter is",
        "higher": "hoger",
        "lower": "lager",
        "cadence": "Ritme",
        "window": "Venster",
        "min_n": "Minste aantal waarnemingen",
        "group": "Groep",
        "kind": "Soort",
        "version": "Versie",
        "declared": "Zoals vastgelegd",
        "sql": "SQL over de feiten, voor {}",
        "explain": "De onderliggende records en SQL van een dag",
    },
    "en": {
        "scorecard": "KPIs of {}",
        "meaning": "What is measured",
        "reading": "How it is read",
        "origin": "Original wording",
        "contradictions": "Contradictions",
        "targets": "Targets and thresholds over time",
        "since": "Since",
        "target": "Target",
        "warning": "Warning",
        "critical": "Critical",
        "approved": "Approved by",
        "printed": "by the framework",
        "now": "in force now",
        "none": "No target or threshold was agreed.",
        "follows": "The target follows from",
        "owners": "Owners",
        "owner": "Owner",
        "role": "Role",
        "nobody": "Nobody owns it.",
        "facts": "Lineage",
        "streams": "Streams",
        "fact": "Fact",
        "columns": "Columns used",
        "parts": "Computed from these KPIs",
        "users": "Used in",
        "companions": "Beside it",
        "companion_of": "Stands beside",
        "details": "Properties",
        "unit": "Unit",
        "better": "Better is",
        "higher": "higher",
        "lower": "lower",
        "cadence": "Cadence",
        "window": "Window",
        "min_n": "Fewest observations",
        "group": "Group",
        "kind": "Kind",
        "version": "Version",
        "declared": "As declared",
        "sql": "SQL over the facts, for {}",
        "explain": "The records and SQL behind a day",
    },
}


@dataclass(frozen=True, slots=True)
class Source:
    """A fact the KPI reads, in words, with the columns it names and the streams the fact is computed from."""

    fact: str
    words: str
    columns: Sequence[str]
    streams: Sequence[str]


@dataclass(frozen=True, slots=True)
class Query:
    """The SQL that computes a day over tables named after the facts."""

    sql: str
    day: date


@dataclass(frozen=True, slots=True)
class Step:
    """What was in force from a day on; `since` None is what the framework printed."""

    since: date | None
    texts: Sequence[str]
    approved_by: str
    now: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows but the SQL. `meaning` gives the definition of a KPI in words."""

    company: Company
    kpi: Kpi
    today: date
    meaning: Callable[[Kpi], str]
    sources: Sequence[Source]
    declared: str

    @property
    def steps(self) -> list[Step]:
        """A row for every day on which a target or threshold began."""
        series = {key: getattr(self.kpi, key) for key in KEYS}
        starts = {threshold.since for found in series.values() for threshold in found}
        days = sorted(starts, key=lambda day: date.min if day is None else day)
        current = [day for day in days if day is None or day <= self.today]
        return [
            Step(
                since=day,
                texts=[self._threshold(key, date.min if day is None else day) for key in KEYS],
                approved_by=self._approvals(day),
                now=bool(current) and day == current[-1],
            )
            for day in days
        ]

    def _threshold(self, key: str, day: date) -> str:
        return threshold_text(in_force(getattr(self.kpi, key), day), self.kpi.unit, self.company.language)

    def _approvals(self, day: date | None) -> str:
        agreed = [
            f"{self.company.name_of(approval.by)} ({day_text(approval.on, self.company.language)})"
            for key in KEYS
            for threshold in getattr(self.kpi, key)
            if threshold.since == day
            for approval in threshold.approved_by
        ]
        return ", ".join(dict.fromkeys(agreed)) if agreed else NOTHING

    @property
    def contradictions(self) -> list[str]:
        """Those that are written down, and targets that do not follow from those they come from."""
        return [
            *self.kpi.contradictions(self.company.language),
            *(message for message, _ in findings(self.company, self.kpi)),
        ]

    @property
    def parts(self) -> list[Kpi]:
        return [self.company.kpis[name] for name in references(self.kpi)]

    @property
    def users(self) -> list[Kpi]:
        return [each for each in self.company.kpis.values() if self.kpi.id in references(each)]

    @property
    def main(self) -> Kpi | None:
        return None if self.kpi.companion_of is None else self.company.kpis[self.kpi.companion_of]


def file_name(kpi: Kpi) -> str:
    return f"{kpi.id}.html"


def html(page: Page, query: Query | None = None, *, numbers: Numbers | None = None, nav: Nav | None = None) -> str:
    """The page; all text from files is escaped. Without `numbers` it says what the KPI is, not how it is doing."""
    language = page.company.language
    return template("definition.html").render(
        page=page,
        kpi=page.kpi,
        company=page.company,
        words=WORDS[language],
        language=language,
        query=query,
        numbers=numbers,
        nav=nav,
        day=lambda value: day_text(value, language),
        cadence=cadence_text,
        grades=[page.kpi.grade(rank, language) for rank in range(len(page.kpi.grades))],
        href=file_name,
        nothing=NOTHING,
    )
