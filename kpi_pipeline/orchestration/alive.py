"""Which runs of this machine still have a process: a lock that the system itself lets go of when the process dies.

A run that was killed keeps its slots in Dagster's pools, and the next run of the same account would wait for them for
ever. `dagster dev` frees them by its daemon; a run started by hand has no daemon beside it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

KILLED = "Its process is gone (killed, or the machine went down). What it had committed stands; run it again."


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Wait until no other process is in this block for the same file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def running(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Shows this run as alive while the block lasts."""
    file = _folder(instance) / run_id
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        file.unlink(missing_ok=True)


def bury_the_dead(instance: dg.DagsterInstance) -> list[str]:
    """Free the slots of runs whose process is gone and mark them as failed; returns their ids."""
    buried = []
    for file in sorted(_folder(instance).glob("*")):
        with file.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            instance.event_log_storage.free_concurrency_slots_for_run(file.name)
            run = instance.get_run_by_id(file.name)
            if run is not None and not run.is_finished:
                instance.report_run_failed(run, KILLED)
                buried.append(file.name)
            file.unlink(missing_ok=True)
    return buried


def _folder(instance: dg.DagsterInstance) -> Path:
    return Path(instance.root_directory) / "alive"
