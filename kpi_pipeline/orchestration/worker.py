"""What a process of the pool does: runs jobs of companies, one after another, and tells how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.orchestration import alive, naming
from kpi_pipeline.orchestration.execution import definitions_of, execute, open_instance
from kpi_pipeline.orchestration.launch import Job, Ran
from kpi_pipeline.reports.charts import vega
from kpi_pipeline.settings import Settings


@dataclass(slots=True)
class Worker:
    """What one process keeps from run to run: Dagster and the definitions take seconds to open.

    `told` is a queue of what is told, as (company, what, count).
    """

    settings: Settings
    folder: Path
    now: datetime
    told: Any
    catalogue: Catalogue
    definitions: dict[str, dg.Definitions] = field(default_factory=dict)

    def open(self) -> None:
        """Make Dagster's tables where there are none yet, and let go of what killed runs still hold."""
        with open_instance(self.settings) as instance:
            alive.bury_the_dead(instance)

    def prepare(self, companies: Iterable[str]) -> None:
        """Load what numbers and charts need, which the first run of these companies would wait for."""
        import_module("ibis.backends.duckdb.converter")
        import_module("kpi_pipeline.schemas.facts")
        vega.start()
        for company in companies:
            self._definitions(company)

    def run(self, job: Job, tags: dict[str, str]) -> Ran:
        keys = [naming.landing_key(job.company, job.source, stream) for stream in job.streams] or None
        with dg.DagsterInstance.from_config(str(self.folder)) as instance:
            return execute(self._definitions(job.company), f"{job.company}_{job.name}", tags, instance, keys)

    def _definitions(self, company: str) -> dg.Definitions:
        if company not in self.definitions:
            tell = partial(self._tell, company)
            self.definitions[company] = definitions_of(self.catalogue, company, self.settings, tell, lambda: self.now)
        return self.definitions[company]

    def _tell(self, company: str, what: str, count: int) -> None:
        self.told.put((company, what, count))
