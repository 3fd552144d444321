"""Starts runs of companies in processes of their own, side by side. Imports no Dagster itself, which takes a second."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.errors import SettingsError, TransientError
from kpi_pipeline.flow.streams import loaded_streams
from kpi_pipeline.garbage import collect_seldom
from kpi_pipeline.orchestration.tags import MODE_TAG
from kpi_pipeline.orchestration.workers import prepare_workers
from kpi_pipeline.settings import Settings

if TYPE_CHECKING:
    from kpi_pipeline.orchestration.worker import Worker

CompanyProgress = Callable[[str, str, int], None]
CompanyLoaded = Callable[[str], None]
CompanyEnded = Callable[[str, "list[Ran]"], None]
SIDE_BY_SIDE, COMPUTING = 4, 2
LOADS, COMPUTES, BOTH = "landing", "kpis", "refresh"


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
    """A job of a company, or of it only these streams of one source."""

    company: str
    name: str
    source: str = ""
    streams: tuple[str, ...] = ()


def joined(runs: Sequence[Ran]) -> Ran:
    """Several runs as one: good if all were, named by the last."""
    failures = tuple(failure for each in runs for failure in each.failures)
    codes = frozenset(code for each in runs for code in each.exit_codes)
    return Ran(runs[-1].run_id, all(each.success for each in runs), failures, codes)


def instance_folder(settings: Settings) -> Path:
    """Where dagster.yaml is: DAGSTER_HOME, else the present folder. Raises SettingsError when it is in neither."""
    home = settings.get("DAGSTER_HOME")
    folder = Path.cwd() if home is None else Path(home)
    if not (folder / "dagster.yaml").is_file():
        raise SettingsError(
            "opening the Dagster instance",
            f"there is no dagster.yaml in {folder}",
            remedy="Run this in the folder of the project, or set DAGSTER_HOME to a folder with a dagster.yaml",
        )
    return folder


def run_side_by_side(
    settings: Settings,
    catalogue: Catalogue,
    plans: Mapping[str, Mapping[str, str]],
    progress: CompanyProgress,
    now: Callable[[], datetime] = clock.now,
    loaded: CompanyLoaded | None = None,
    ended: CompanyEnded | None = None,
) -> dict[str, list[Ran]]:
    """Refresh companies (id → tags of the run), several processes at a time; the runs of each, in order of their ends.

    `loaded` is told of each company whose sources have been read and whose last run computes now; `ended` of each whose
    runs are over, in a thread of its own, while others go on. Raises SettingsError when there is no Dagster instance
    here.

    Of whole months, or of one company alone, every source is a run of its own, and then one more run computes and
    reports: vendors make us wait (HubSpot answers 19 requests a second, Typeform two), so sources wait at the same
    time. Live runs of several companies wait beside each other and stay one each. Processes and not threads: Dagster
    sets up logging at the start of each run, which deadlocks with a run that is writing its log. A source that fails
    leaves its KPIs stale, not wrong: the last run computes them from what is landed and says so. It has processes of
    its own, which load what numbers and charts need while the others wait for their vendors.
    """
    folder = instance_folder(settings)
    workers = prepare_workers()
    told = workers.SimpleQueue()
    # The largest company first, its sources too: its last run is the longest and would go on alone at the end.
    plans = dict(sorted(plans.items(), key=lambda each: -len(catalogue.companies[each[0]].kpis)))
    listener = Thread(target=_listen, args=(told, progress), daemon=True)
    listener.start()
    ran: dict[str, list[Ran]] = {company: [] for company in plans}
    # The catalogue is handed over, because reading it takes ten times as long.
    worker = (dict(settings.environment), folder, now(), told, catalogue)
    alone = len(plans) == 1
    left = {company: _loads(catalogue.companies[company], tags, alone=alone) for company, tags in plans.items()}
    ready = [job for jobs in left.values() for job in jobs]
    to_start = min(COMPUTING, len(plans)) if ready else 0
    ready += [Job(company, BOTH) for company, jobs in left.items() if not jobs]
    with (
        ProcessPoolExecutor(SIDE_BY_SIDE, workers, initializer=_start_worker, initargs=worker) as loading,
        ProcessPoolExecutor(
            to_start or SIDE_BY_SIDE, workers, initializer=_start_computing, initargs=([*plans], *worker)
        ) as computing,
        ThreadPoolExecutor(1) as teller,
    ):
        loading.submit(_open_instance).result()
        running: dict[Future[Ran], Job] = {}
        telling: list[Future[None]] = []
        while ready or running:
            while (job := _next(ready, running.values())) is not None:
                ready.remove(job)
                pool = loading if job.name == LOADS else computing
                running[pool.submit(_run_in_worker, job, dict(plans[job.company]))] = job
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for _ in range(to_start):
                computing.submit(_be_ready)
            to_start = 0
            for task in done:
                company = running.pop(task).company
                ran[company].append(task.result())
                if len(ran[company]) == len(left[company]):
                    ready.insert(0, Job(company, COMPUTES))
                    if loaded is not None:
                        loaded(company)
                elif ended is not None and len(ran[company]) > len(left[company]):
                    telling.append(teller.submit(ended, company, ran[company]))
    told.put(None)
    listener.join()
    for each in telling:
        each.result()  # raises what went wrong in telling
    return ran


def _next(ready: Sequence[Job], running: Collection[Job]) -> Job | None:
    """The job to start now. Computing takes a core; what loads mostly waits for its vendor, so some of it always runs
    beside: one slow vendor would be waited for alone at the end."""
    if len(running) == SIDE_BY_SIDE:
        return None
    is_full = sum(job.name == COMPUTES for job in running) >= COMPUTING
    return next((job for job in ready if not (is_full and job.name == COMPUTES)), None)


def _loads(company: Company, tags: Mapping[str, str], *, alone: bool) -> list[Job]:
    """A job for each source of a company that is loaded by itself; none for a live run beside others."""
    if MODE_TAG in tags and not alone:
        return []
    found = loaded_streams(company).items()
    return [
        Job(company.id, LOADS, source, tuple(each.name for each in streams)) for source, streams in found if streams
    ]


def _listen(told: Any, progress: CompanyProgress) -> None:
    while (news := told.get()) is not None:
        progress(*news)


_workers: list[Worker] = []  # one in a process of the pool, none elsewhere


def _start_worker(environment: dict[str, str], folder: Path, now: datetime, told: Any, catalogue: Catalogue) -> None:
    from kpi_pipeline.orchestration.worker import Worker

    Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    _workers.append(Worker(Settings.from_environment(environment), folder, now, told, catalogue))


def _start_computing(companies: Sequence[str], *worker: Any) -> None:
    _start_worker(*worker)
    _workers[0].prepare(companies)


def _be_ready() -> None:
    """Nothing but a reason to start a process, before there is work for it."""


def _end_with_parent() -> None:
    """A worker waits for its next task for ever; killed commands must not leave workers behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _open_instance() -> None:
    _workers[0].open()


def _run_in_worker(job: Job, tags: dict[str, str]) -> Ran:
    return _workers[0].run(job, tags)
