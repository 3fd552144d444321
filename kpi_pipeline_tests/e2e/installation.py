"""An installation in a folder of its own that reads a simulated company: what every end-to-end test starts from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
from dagster._core.test_utils import freeze_time
from sqlalchemy import Connection, Table, select

from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.flow.workspace import Workspace, read_catalogue
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.orchestration.execution import QUIET, open_instance, run_job
from kpi_pipeline.orchestration.launch import Ran, run_side_by_side
from kpi_pipeline.orchestration.resources import Progress, silent, workspace_resource
from kpi_pipeline.orchestration.tags import live_tags, months_tags
from kpi_pipeline.settings import COMPANIES as SHIPPED
from kpi_pipeline.settings import Settings

PROJECT = Path(__file__).parents[2]
COMPANY = "mister_dj"
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FIRST_MONTH, LAST_MONTH = "2025-10", "2026-11"
SALT = "salt-of-the-end-to-end-tests"
COMPANIES = tuple(sorted(file.parent.name for file in SHIPPED.glob("*/company.yaml")))


@dataclass(frozen=True)
class Installation:
    """Settings of one installation (its data below `home`) and its Dagster instance beside them."""

    home: Path
    settings: Settings

    @classmethod
    def create(cls, home: Path, variables: Mapping[str, str]) -> Installation:
        """A new, empty installation below `home` with these variables, its own dagster.yaml and Dagster's tables."""
        shutil.copytree(Path(_opened_once().name) / ".dagster", home / ".dagster")
        return cls._configured(home, variables)

    @classmethod
    def _configured(cls, home: Path, variables: Mapping[str, str]) -> Installation:
        text = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
        (home / "dagster.yaml").write_text(text.replace(".dagster", str(home / ".dagster")), encoding="utf-8")
        own = {"KPI_HOME": str(home / "kpi"), "DAGSTER_HOME": str(home), "KPI_HASH_SALT": SALT}
        return cls(home, Settings.from_environment({**variables, **own}))

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.settings.environment)

    def copy(self, home: Path, **changes: str) -> Installation:
        """A second installation that starts with the company's data of this one; request budgets start afresh."""
        found = Installation.create(home, {**self.environment, **changes})
        others = [each for each in COMPANIES if each != COMPANY]
        leave = shutil.ignore_patterns("budgets", *others)
        shutil.copytree(self.home / "kpi", home / "kpi", ignore=leave, copy_function=_take, dirs_exist_ok=True)
        return found

    @contextmanager
    def at(self, now: datetime, company: str = COMPANY) -> Iterator[tuple[Workspace, Company]]:
        with Workspace(self.settings, now=now) as workspace:
            yield workspace, workspace.company(company)

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        with open_instance(self.settings) as instance:
            yield instance

    def run(
        self,
        job: str,
        tags: Mapping[str, str],
        now: datetime,
        keys: Sequence[dg.AssetKey] | None = None,
        progress: Progress = silent,
    ) -> Ran:
        """A job of the company, or only some assets of it, run here as of `now`; Dagster's months then end there."""
        name = f"{COMPANY}_{job}"
        with freeze_time(now), self.instance() as instance:
            return run_job(self.settings, name, tags, progress, instance, lambda: now, keys)

    def whole_months(self, first: Mapping[str, str], last: str, now: datetime) -> list[Ran]:
        """What the first `kpi demo` starts: companies and their sources side by side, each from its first month on."""
        plans = {company: months_tags(company, month, last) for company, month in first.items()}
        loaded: list[str] = []
        told: list[str] = []
        with freeze_time(now):
            ran = run_side_by_side(
                self.settings,
                read_catalogue(self.settings),
                plans,
                _nobody,
                lambda: now,
                loaded=lambda company: loaded.append(company),
                ended=lambda company, runs: told.append(f"{company}: {len(runs)} runs"),
            )
        ends = [f"{company}: {len(runs)} runs" for company, runs in ran.items()]
        assert sorted(loaded) == sorted(plans), "each is told of when its sources have been read"
        assert sorted(told) == sorted(ends), "each company is told of once, when all of its runs are over"
        return [each for runs in ran.values() for each in runs]

    def months(self, job: str, first: str, last: str, now: datetime) -> Ran:
        return self.run(job, months_tags(COMPANY, first, last), now)

    def part(self, keys: Sequence[dg.AssetKey], first: str, last: str, now: datetime) -> dg.ExecuteInProcessResult:
        """These assets of the refresh job alone, with every event of the run; failures are events, not raised."""
        one = Catalogue(companies={COMPANY: read_catalogue(self.settings).companies[COMPANY]})
        resource = workspace_resource(self.settings, now=lambda: now)
        job = assemble(one, self.settings.companies_root, resource).resolve_job_def(f"{COMPANY}_refresh")
        tags = months_tags(COMPANY, first, last)
        with freeze_time(now), self.instance() as instance:
            return job.execute_in_process(
                instance=instance, tags=tags, run_config=QUIET, raise_on_error=False, asset_selection=list(keys)
            )

    def live(self, now: datetime) -> Ran:
        """What the schedule starts."""
        with self.at(now) as (_, company):
            tags = live_tags(company, now)
        return self.run("refresh", tags, now)

    def rows(self, table: Table, now: datetime = NOW) -> list[dict[str, object]]:
        """Every row of a table of the history database, in order of its key."""
        with self.at(now) as (workspace, _), workspace.history.engine.connect() as connection:
            return rows_of(connection, table)


@cache
def _opened_once() -> TemporaryDirectory[str]:
    """A home whose Dagster has its tables, which takes a second to make; gone with this process."""
    folder = TemporaryDirectory(prefix="installation-")
    with Installation._configured(Path(folder.name), {}).instance():
        return folder


def _take(source: str, target: str) -> None:
    """Landed files are written once and never changed, so two installations may share them; a database is copied."""
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _nobody(_company: str, _what: str, _count: int) -> None:
    """Progress that nobody watches."""


def rows_of(connection: Connection, table: Table) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
