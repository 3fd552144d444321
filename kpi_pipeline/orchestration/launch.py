"""Starts runs in this process, for the command line: the same jobs, assets and event log as in the UI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Company
from kpi_pipeline.connectors import registry
from kpi_pipeline.errors import SettingsError, TransientError
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.orchestration import alive, naming
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.orchestration.failures import EXIT_CODE
from kpi_pipeline.orchestration.resources import Progress, workspace_resource
from kpi_pipeline.settings import Settings

Instance = dg.DagsterInstance  # so that the command line can name it without importing Dagster
SIDE_BY_SIDE = 3
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: its id, whether all went well, and each failed step with its first line of error.

    `exit_codes` are those of the failed steps' errors; 1 stands for an error that is none of ours.
    """

    run_id: str
    success: bool
    failures: tuple[tuple[str, str], ...]
    exit_codes: frozenset[int] = frozenset()

    @property
    def exit_code(self) -> int:
        """0 after a success; 20 when trying again may help with all that failed, else what says what to change."""
        if self.success:
            return 0
        lasting = self.exit_codes - {TransientError.exit_code}
        return max(lasting, default=TransientError.exit_code if self.exit_codes else 1)


def instance_folder(settings: Settings) -> Path:
    """Where dagster.yaml is looked for: DAGSTER_HOME, else the present folder."""
    home = settings.get("DAGSTER_HOME")
    return Path.cwd() if home is None else Path(home)


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance that `dagster dev` would use here: DAGSTER_HOME, else ./dagster.yaml.

    Raises SettingsError when there is neither, because runs would vanish with this process.
    """
    folder = instance_folder(settings)
    if not (folder / "dagster.yaml").is_file():
        raise SettingsError(
            "opening the Dagster instance",
            f"there is no dagster.yaml in {folder}",
            remedy="Run this in the folder of the project, or set DAGSTER_HOME to a folder with a dagster.yaml",
        )
    # Dagster makes its tables when it is first opened, and two processes that do so at once trip over each other.
    with ExitStack() as stack:
        with alive.one_at_a_time(folder / ".dagster" / "opening.lock"):
            instance = stack.enter_context(dg.DagsterInstance.from_config(str(folder)))
            instance.get_runs(limit=1)
        yield instance


def run_job(
    settings: Settings,
    job_name: str,
    tags: Mapping[str, str],
    progress: Progress,
    instance: dg.DagsterInstance,
    now: Callable[[], datetime] = clock.now,
    keys: Sequence[dg.AssetKey] | None = None,
) -> Ran:
    """Run a job, or only these assets of it, to its end in this process; failed steps are in the result, not raised."""
    alive.bury_the_dead(instance)
    return _run(_definitions(settings, progress, now), job_name, tags, instance, keys)


def run_whole_months(
    settings: Settings,
    company: Company,
    tags: Mapping[str, str],
    progress: Progress,
    instance: dg.DagsterInstance,
    now: Callable[[], datetime] = clock.now,
) -> list[Ran]:
    """Load every source side by side, one run and one process each, then compute and report in one more run.

    Vendors make a backfill wait (HubSpot answers 19 requests a second), so sources wait at the same time. Processes and
    not threads: Dagster sets up logging at the start of each run, which deadlocks with a run that is writing its log.
    A source that fails leaves its KPIs stale, not wrong: the last run computes them from what is landed and says so.
    """
    alive.bury_the_dead(instance)
    instant = now()
    folder = instance_folder(settings)
    loads = []
    with ProcessPoolExecutor(SIDE_BY_SIDE, mp_context=get_context("spawn")) as pool:
        tasks = [
            pool.submit(_load_source, dict(settings.environment), str(folder), company.id, source, dict(tags), instant)
            for source in company.sources
        ]
        for task in as_completed(tasks):
            ran, counts = task.result()
            loads.append(ran)
            for what, count in counts.items():
                progress(what, count)
    definitions = _definitions(settings, progress, lambda: instant)
    return [*loads, _run(definitions, f"{company.id}_kpis", tags, instance, None)]


def _load_source(
    environment: dict[str, str], folder: str, company: str, source: str, tags: dict[str, str], instant: datetime
) -> tuple[Ran, dict[str, int]]:
    """One source of a company, loaded in a process of its own; also how many records each stream had."""
    settings = Settings.from_environment(environment)
    counts: dict[str, int] = {}

    def count(what: str, records: int) -> None:
        counts[what] = counts.get(what, 0) + records

    keys = [naming.landing_key(company, source, stream.name) for stream in registry.streams(source)]
    definitions = _definitions(settings, count, lambda: instant)
    with dg.DagsterInstance.from_config(folder) as instance:
        return _run(definitions, f"{company}_landing", tags, instance, keys), counts


def _definitions(settings: Settings, progress: Progress, now: Callable[[], datetime]) -> dg.Definitions:
    resource = workspace_resource(settings, progress, now)
    return assemble(read_catalogue(settings), settings.companies_root, resource)


def _run(
    definitions: dg.Definitions,
    job_name: str,
    tags: Mapping[str, str],
    instance: dg.DagsterInstance,
    keys: Sequence[dg.AssetKey] | None,
) -> Ran:
    run_id = str(uuid4())
    with alive.running(instance, run_id):
        result = definitions.resolve_job_def(job_name).execute_in_process(
            run_id=run_id,
            instance=instance,
            tags=dict(tags),
            run_config=QUIET,
            raise_on_error=False,
            asset_selection=keys,
        )
    failed = [event for event in result.all_events if event.is_step_failure]
    failures = tuple((str(event.step_key), _first_line(event)) for event in failed)
    return Ran(result.run_id, result.success, failures, frozenset(map(_exit_code, failed)))


def _first_line(event: dg.DagsterEvent) -> str:
    """What a person must know: our own words where the error is ours, else the innermost error's.

    Dagster wraps an error in its own, and again ("Exceeded max_retries") when retries did not help.
    """
    told = event.step_failure_data.user_failure_data
    if told is not None and told.description:
        return told.description.splitlines()[0]
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return "" if error is None else error.message.strip().splitlines()[0]


def _exit_code(event: dg.DagsterEvent) -> int:
    told = event.step_failure_data.user_failure_data
    value = None if told is None else told.metadata.get(EXIT_CODE)
    return value.value if isinstance(value, dg.IntMetadataValue) and value.value is not None else 1
