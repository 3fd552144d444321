"""One installation, opened for one run: its settings, its catalogue, and the rooms that keep and compute its data."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_pipeline.catalogue import Catalogue, Company, load
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import registers
from kpi_pipeline.settings import Settings

if TYPE_CHECKING:
    from kpi_pipeline.connectors.base import Connector
    from kpi_pipeline.facts.tables import FactTables
    from kpi_pipeline.flow.inputs import Inputs
    from kpi_pipeline.history.store import HistoryStore
    from kpi_pipeline.landing.landing import Landing
    from kpi_pipeline.metrics.engine import Engine


def read_catalogue(settings: Settings) -> Catalogue:
    """Every company of this installation; raises CatalogueError with all issues of all files."""
    return read_companies(settings.companies_root)


def read_companies(root: Path) -> Catalogue:
    """Every company below a folder; raises CatalogueError with all issues of all files."""
    from kpi_pipeline import facts
    from kpi_pipeline.analytics import TABLES
    from kpi_pipeline.connectors.registry import SOURCES
    from kpi_pipeline.metrics import kinds, windows

    return load(root, kinds.PARAMS, facts.columns(), windows.parse, SOURCES, TABLES)


class Workspace:
    """Everything a run needs, opened when first asked for and closed together.

    `now` is one instant for the whole run, so that all its numbers are as of the same moment. `catalogue`: as it was
    read before, for runs that follow each other.
    """

    def __init__(self, settings: Settings, *, now: datetime, catalogue: Catalogue | None = None) -> None:
        self.settings = settings
        self.now = now
        self._read = catalogue
        self._facts: dict[str, FactTables] = {}
        self._engines: dict[str, Engine] = {}
        self._inputs: dict[str, Inputs] = {}

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def catalogue(self) -> Catalogue:
        return read_catalogue(self.settings) if self._read is None else self._read

    @cached_property
    def landing(self) -> Landing:
        from kpi_pipeline.landing.landing import Landing

        return Landing(self.settings.landing_root)

    @cached_property
    def history(self) -> HistoryStore:
        from kpi_pipeline.history.store import HistoryStore

        return HistoryStore.open(self.settings.history_url)

    @cached_property
    def backend(self) -> Any:
        from kpi_pipeline.facts.backends import open_backend

        return open_backend(self.settings.engine, self.settings.get("KPI_ENGINE_URL"))

    def company(self, company_id: str) -> Company:
        """A company by id; raises UsageError that names those there are."""
        companies = self.catalogue.companies
        if company_id not in companies:
            raise UsageError(
                f"looking up the company {company_id!r}",
                "there is no such company",
                remedy=f"Known companies: {', '.join(companies)}",
            )
        return companies[company_id]

    def known_at(self, company: Company) -> datetime:
        """The moment as of which this run may tell a company's history: all that is recorded by now, its own included.

        It is `now`, but for a run that overlaps with one whose clock is ahead.
        """
        return self.history.known_until(company.id, self.now)

    def connector(self, company: Company, source: str) -> Connector:
        """A connector to one of the company's accounts; raises SettingsError when its key is not set."""
        from kpi_pipeline.connectors.registry import open_connector

        spec = company.sources[source]
        variable = "" if spec.api_key is None else spec.api_key
        base_url = None if spec.base_url is None else self.settings.get(spec.base_url)
        further: dict[str, Any] = {}
        if source == registers.SOURCE:
            further = registers.options(self, company)
            base_url = str(registers.folder(self, company)) if base_url is None else base_url
        return open_connector(
            source,
            company=company.id,
            base_url=base_url,
            key=self.settings.get(variable) if variable else None,
            key_variable=variable,
            settings=spec.settings,
            budget_root=self.settings.budget_root,
            now=lambda: self.now,
            **further,
        )

    def facts(self, company: Company) -> FactTables:
        """The facts of a company as landing has them when they are first asked for."""
        from kpi_pipeline.facts.kept import KeptFacts
        from kpi_pipeline.facts.tables import FactTables

        if company.id not in self._facts:
            kept = KeptFacts(self.settings.facts_root, self.landing, company)
            self._facts[company.id] = FactTables(self.landing, company, self.backend, kept=kept)
        return self._facts[company.id]

    def inputs(self, company: Company) -> Inputs:
        """The streams of a company as this run sees them."""
        from kpi_pipeline.flow.inputs import Inputs

        if company.id not in self._inputs:
            self._inputs[company.id] = Inputs(self, company)
        return self._inputs[company.id]

    def engine(self, company: Company) -> Engine:
        """One engine a company for the whole run: a formula reads what its KPIs were measured to be."""
        from kpi_pipeline.facts.lineage import links
        from kpi_pipeline.metrics.engine import Engine

        if company.id not in self._engines:
            self._engines[company.id] = Engine(
                self.backend,
                self.facts(company),
                company,
                now=self.now,
                links=links(company),
                unread=self.inputs(company).unread,
            )
        return self._engines[company.id]

    def close(self) -> None:
        for tables in self._facts.values():
            tables.release()
        self._facts.clear()
        self._engines.clear()
        self._inputs.clear()
        if "backend" in self.__dict__:
            self.backend.disconnect()
            del self.__dict__["backend"]
        if "history" in self.__dict__:
            self.history.engine.dispose()
            del self.__dict__["history"]
