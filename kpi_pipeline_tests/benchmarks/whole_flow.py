"""The main jobs end to end, each a new process: the demo, the run of what is new, a backfill with landing present.

Seconds of the whole command, of its Dagster runs from the start of the first to the end of the last, and peak memory
(of the largest process), each against what it may be.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.orchestration.tags import month_of
from kpi_pipeline_tests.architecture.source import ROOT

LARGEST, MONTHS = "datainsight_pro", {"mister_dj": 12, "datainsight_pro": 24}


@dataclass(frozen=True, slots=True)
class Job:
    """A command, what of it is limited ("all" seconds or those of its "runs"), and to how much."""

    name: str
    arguments: tuple[str, ...]
    limited: str
    seconds: float
    megabytes: float | None = None
    afresh: bool = False


def jobs(quick: bool) -> list[Job]:
    one = ("demo", "--company", "mister_dj")
    found = [
        Job("demo of one company, first", one, "all", 60),
        Job("demo of one company, again", one, "all", 15),
        Job("backfill 12 months × 10 KPIs", backfill("mister_dj"), "runs", 20, afresh=True),
    ]
    if not quick:
        found += [
            Job("demo of five companies, first", ("demo",), "all", 150),
            Job("what is new of five companies", ("demo",), "runs", 60),
            Job("backfill 24 months × 52 KPIs", backfill(LARGEST), "runs", 60, 2_048, afresh=True),
        ]
    return found


def backfill(company: str) -> tuple[str, ...]:
    """Of the last months, the running one among them, from landing."""
    last = clock.now().date()
    months = last.year * 12 + last.month - MONTHS[company]  # months since year 0 of the first, which is one further
    first = month_of(date(months // 12, months % 12 + 1, 1))
    return ("backfill", company, "--first", first, "--last", month_of(last), "--only", "kpis")


def main(quick: bool) -> None:
    print(f"{'job':34}{'all s':>8}{'runs s':>8}{'peak MB':>9}   must be")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(ROOT / "dagster.yaml", Path(folder) / "dagster.yaml")
        for job in jobs(quick):
            if job.afresh:  # facts and history are computed again, which is more than they are in a demo
                home = Path(folder) / ".kpi" / "demo"
                shutil.rmtree(home / "facts")
                for file in home.glob("history.db*"):
                    file.unlink()
            taken, runs, megabytes = run(job.arguments, Path(folder))
            limit = f"{job.limited} ≤ {job.seconds:.0f} s" + (f", ≤ {job.megabytes:.0f} MB" if job.megabytes else "")
            print(f"{job.name:34}{taken:8.1f}{runs:8.1f}{megabytes:9.0f}   {limit}", flush=True)


def run(arguments: Sequence[str], folder: Path) -> tuple[float, float, float]:
    """Seconds of the command and of its runs, and the peak of its largest process in MB; raises when it fails."""
    home = str(folder / ".kpi" / "demo")
    environment = {**os.environ, "KPI_HOME": home, "KPI_HASH_SALT": "sandbox", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "kpi_pipeline", *arguments, "--json"]
    began, started = time.time(), time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    if status or not json.loads(said)["success"]:
        raise RuntimeError(f"{' '.join(command)} failed: {said.decode()}")
    # the folders in dagster.yaml are below the present one
    with contextlib.chdir(folder), dg.DagsterInstance.from_config(str(folder)) as instance:
        records = [each for each in instance.get_run_records() if (each.start_time or 0) >= began]
    ends = [each.end_time or 0 for each in records]
    return taken, max(ends) - min(each.start_time or 0 for each in records), used.ru_maxrss / 1024
