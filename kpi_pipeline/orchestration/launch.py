"""Starts runs in this process, for the command line: the same jobs, assets and event log as in the UI."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.errors import SettingsError, TransientError
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.garbage import collect_seldom
from kpi_pipeline.orchestration import alive, naming
from kpi_pipeline.orchestration.failures import EXIT_CODE, first_line
from kpi_pipeline.orchestration.journal import Progress
from kpi_pipeline.orchestration.resources import workspace_resource
from kpi_pipeline.orchestration.workers import prepare_workers
from kpi_pipeline.settings import Settings

CompanyProgress = Callable[[str, str, int], None]
CompanyEnded = Callable[[str, "list[Ran]"], None]
SIDE_BY_SIDE, COMPUTING, COMPUTES = 4, 2, "kpis"
# Of one company's live run, which reads little: each process more takes a second of a core before it begins.
BRIEFLY = 3
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


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A job of a company, or only these assets of it."""

    company: str
    name: str
    keys: list[dg.AssetKey] | None = None


def joined(runs: Sequence[Ran]) -> Ran:
    """Several runs as one: good if all were, named by the last."""
    failures = tuple(failure for each in runs for failure in each.failures)
    codes = frozenset(code for each in runs for code in each.exit_codes)
    return Ran(runs[-1].run_id, all(each.success for each in runs), failures, codes)


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
    definitions = _definitions(read_catalogue(settings), tags[naming.COMPANY_TAG], settings, progress, now)
    return _run(definitions, job_name, tags, instance, keys)


def run_side_by_side(
    settings: Settings,
    plans: Mapping[str, Mapping[str, str]],
    progress: CompanyProgress,
    instance: dg.DagsterInstance,
    now: Callable[[], datetime] = clock.now,
    begun: Callable[[], None] | None = None,
    ended: CompanyEnded | None = None,
) -> dict[str, list[Ran]]:
    """Refresh companies (id → tags of the run), several processes at a time; the runs of each, in order of their ends.

    `begun` is called once the first processes are at work; `ended` is told of each company whose runs are over, in a
    thread of its own, while others go on.

    Of whole months, or of one company alone, every source is a run of its own, and then one more run computes and
    reports: vendors make us wait (HubSpot answers 19 requests a second, Typeform two), so sources wait at the same
    time. Live runs of several companies wait beside each other and stay one each. Processes and not threads: Dagster
    sets up logging at the start of each run, which deadlocks with a run that is writing its log. A source that fails
    leaves its KPIs stale, not wrong: the last run computes them from what is landed and says so.
    """
    alive.bury_the_dead(instance)
    catalogue = read_catalogue(settings)
    workers = prepare_workers()
    told = workers.SimpleQueue()
    # The largest company first, its sources too: its last run is the longest and would go on alone at the end.
    plans = dict(sorted(plans.items(), key=lambda each: -len(catalogue.companies[each[0]].kpis)))
    listener = Thread(target=_listen, args=(told, progress), daemon=True)
    listener.start()
    ran: dict[str, list[Ran]] = {company: [] for company in plans}
    worker = (dict(settings.environment), str(instance_folder(settings)), now(), told, catalogue)
    alone = len(plans) == 1
    at_most = BRIEFLY if alone and all(naming.MODE_TAG in tags for tags in plans.values()) else SIDE_BY_SIDE
    with (
        ProcessPoolExecutor(at_most, workers, initializer=_start_worker, initargs=worker) as pool,
        ThreadPoolExecutor(1) as teller,
    ):
        left = {company: _loads(catalogue.companies[company], tags, alone=alone) for company, tags in plans.items()}
        ready = [Job(company, "landing", keys) for company, sources in left.items() for keys in sources]
        ready += [Job(company, "refresh") for company, sources in left.items() if not sources]
        running: dict[Future[Ran], Job] = {}
        telling: list[Future[None]] = []
        while ready or running:
            while (job := _next(ready, running.values(), at_most)) is not None:
                ready.remove(job)
                task = pool.submit(_run_in_worker, job, dict(plans[job.company]))
                running[task] = job
            if begun is not None:
                begun()
                begun = None
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for task in done:
                company = running.pop(task).company
                ran[company].append(task.result())
                if len(ran[company]) == len(left[company]):
                    ready.insert(0, Job(company, COMPUTES))
                elif ended is not None and len(ran[company]) > len(left[company]):
                    telling.append(teller.submit(ended, company, ran[company]))
    told.put(None)
    listener.join()
    for each in telling:
        each.result()  # raises what went wrong in telling
    return ran


def _next(ready: Sequence[Job], running: Collection[Job], at_most: int = SIDE_BY_SIDE) -> Job | None:
    """The job to start now. Computing takes a core; what loads mostly waits for its vendor, so some of it always runs
    beside: one slow vendor would be waited for alone at the end."""
    if len(running) == at_most:
        return None
    is_full = sum(job.name == COMPUTES for job in running) >= COMPUTING
    return next((job for job in ready if not (is_full and job.name == COMPUTES)), None)


def _loads(company: Company, tags: Mapping[str, str], *, alone: bool) -> list[list[dg.AssetKey]]:
    """The landing assets of each source of a company that is loaded by itself; none for a live run beside others."""
    if naming.MODE_TAG in tags and not alone:
        return []
    found = loaded_streams(company).items()
    return [
        [naming.landing_key(company.id, source, each.name) for each in streams] for source, streams in found if streams
    ]


def _listen(told: Any, progress: CompanyProgress) -> None:
    while (news := told.get()) is not None:
        progress(*news)


@dataclass(slots=True)
class _Worker:
    """What one process keeps from run to run: Dagster and the definitions take seconds to open."""

    settings: Settings
    folder: str
    instant: datetime
    told: Any
    catalogue: Catalogue
    jobs: dict[str, dg.Definitions] = field(default_factory=dict)

    def definitions(self, company: str) -> dg.Definitions:
        if company not in self.jobs:
            progress = partial(self._tell, company)
            self.jobs[company] = _definitions(self.catalogue, company, self.settings, progress, lambda: self.instant)
        return self.jobs[company]

    def _tell(self, company: str, what: str, count: int) -> None:
        self.told.put((company, what, count))


_workers: list[_Worker] = []  # one in a process of the pool, none elsewhere


def _start_worker(environment: dict[str, str], folder: str, instant: datetime, told: Any, catalogue: Catalogue) -> None:
    """The catalogue is handed over, because reading it takes ten times as long."""
    Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    _workers.append(_Worker(Settings.from_environment(environment), folder, instant, told, catalogue))


def _end_with_parent() -> None:
    """A worker waits for its next task for ever; killed commands must not leave workers behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_in_worker(job: Job, tags: dict[str, str]) -> Ran:
    (worker,) = _workers
    with dg.DagsterInstance.from_config(worker.folder) as instance:
        return _run(worker.definitions(job.company), f"{job.company}_{job.name}", tags, instance, job.keys)


def _definitions(
    catalogue: Catalogue, company: str, settings: Settings, progress: Progress, now: Callable[[], datetime]
) -> dg.Definitions:
    """Those of one company: assembling all of them takes ten times as long, and a run needs no other."""
    # With reports, metrics and alerts behind it: who only starts workers does without.
    from kpi_pipeline.orchestration.assemble import assemble

    one = Catalogue(companies={company: catalogue.companies[company]})
    return assemble(one, settings.companies_root, workspace_resource(settings, progress, now, catalogue))


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
    failures = tuple((str(event.step_key), first_line(event)) for event in failed)
    return Ran(result.run_id, result.success, failures, frozenset(map(_exit_code, failed)))


def _exit_code(event: dg.DagsterEvent) -> int:
    told = event.step_failure_data.user_failure_data
    value = None if told is None else told.metadata.get(EXIT_CODE)
    return value.value if isinstance(value, dg.IntMetadataValue) and value.value is not None else 1
