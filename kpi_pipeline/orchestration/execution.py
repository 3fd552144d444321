"""Runs a job to its end in this process, for the command line: the same jobs, assets and event log as in the UI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from uuid import uuid4

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.orchestration import alive
from kpi_pipeline.orchestration.assemble import assemble
from kpi_pipeline.orchestration.failures import EXIT_CODE, first_line
from kpi_pipeline.orchestration.journal import Progress
from kpi_pipeline.orchestration.launch import Ran, instance_folder
from kpi_pipeline.orchestration.resources import workspace_resource
from kpi_pipeline.orchestration.tags import COMPANY_TAG
from kpi_pipeline.settings import Settings

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance that `dagster dev` would use here: DAGSTER_HOME, else ./dagster.yaml.

    Raises SettingsError when there is neither, because runs would vanish with this process.
    """
    folder = instance_folder(settings)
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
    definitions = definitions_of(read_catalogue(settings), tags[COMPANY_TAG], settings, progress, now)
    return execute(definitions, job_name, tags, instance, keys)


def definitions_of(
    catalogue: Catalogue, company: str, settings: Settings, progress: Progress, now: Callable[[], datetime]
) -> dg.Definitions:
    """Those of one company: assembling all of them takes ten times as long, and a run needs no other."""
    one = Catalogue(companies={company: catalogue.companies[company]})
    return assemble(one, settings.companies_root, workspace_resource(settings, progress, now, catalogue))


def execute(
    definitions: dg.Definitions,
    job_name: str,
    tags: Mapping[str, str],
    instance: dg.DagsterInstance,
    keys: Sequence[dg.AssetKey] | None,
) -> Ran:
    """Run a job of these definitions, or only these assets of it; failed steps are in the result, not raised."""
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
    failures = tuple((str(event.step_key), first_line(event)) for event in failed)
    return Ran(result.run_id, result.success, failures, frozenset(map(_exit_code, failed)))


def _exit_code(event: dg.DagsterEvent) -> int:
    told = event.step_failure_data.user_failure_data
    value = None if told is None else told.metadata.get(EXIT_CODE)
    return value.value if isinstance(value, dg.IntMetadataValue) and value.value is not None else 1
