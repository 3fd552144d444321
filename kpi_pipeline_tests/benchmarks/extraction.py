"""Times our way from a vendor's pages to landed Parquet against dlt's, in whole processes, in turns.

Prints wall and CPU seconds, peak memory and records a second of each, and the median over the rounds of dlt's wall time
over ours. Every process is timed from its start to its end, imports included, with its bytecode compiled before.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kpi_pipeline_tests.benchmarks.extraction_server import FIRST, STEP

HERE = Path(__file__).parent
OURS, DLT = "extraction_ours.py", "extraction_dlt.py"


@dataclass(frozen=True)
class Taken:
    """What one process took."""

    wall: float
    cpu: float
    peak_mb: float


@contextmanager
def server(records: int, milliseconds: int) -> Iterator[str]:
    command = [sys.executable, str(HERE / "extraction_server.py"), str(records), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def environment() -> dict[str, str]:
    """The same for all: this checkout, and a folder of their own for bytecode (some machines forbid to write it)."""
    compiled = Path(tempfile.gettempdir()) / "kpi-benchmarks-bytecode"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(HERE.parents[1]), "PYTHONPYCACHEPREFIX": str(compiled)}


def take(script: str, url: str, records: int, workers: int) -> Taken:
    """Run one contestant to its end; it must have landed every record."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / script), url, folder, *map(str, (FIRST, FIRST + records * STEP, workers))]
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
        ) as process:
            assert process.stdout
            answer = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or int(answer.split()[-1]) != records:
        raise SystemExit(f"{script} landed {answer!r} of {records} records, exit code {process.returncode}")
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024)


def race(records: int, milliseconds: int, contestants: dict[str, tuple[str, int]], rounds: int) -> None:
    taken: dict[str, list[Taken]] = {name: [] for name in contestants}
    with server(records, milliseconds) as url:
        for script in {script for script, _ in contestants.values()}:
            take(script, url, 1_000, 1)  # compiles its imports
        for number in range(rounds):
            for name in list(contestants) if number % 2 == 0 else reversed(contestants):
                taken[name].append(take(contestants[name][0], url, records, contestants[name][1]))
    ours = taken[next(iter(contestants))]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{records:,} records, {milliseconds} ms a page, {rounds} round(s), load average {load}")
    print(f"{'':38}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'records/s':>11}{'× ours':>8}")
    for name, results in taken.items():
        wall = statistics.median(each.wall for each in results)
        cpu = statistics.median(each.cpu for each in results)
        peak = max(each.peak_mb for each in results)
        ratio = statistics.median(each.wall / own.wall for each, own in zip(results, ours, strict=True))
        print(f"{name:38}{wall:9.2f}{cpu:9.2f}{peak:9.0f}{records / wall:11,.0f}{ratio:8.2f}")


def main(quick: bool) -> None:
    records, rounds = (20_000, 1) if quick else (100_000, 3)
    race(records, 0, {"ours": (OURS, 2), "dlt rest_api": (DLT, 1)}, rounds)
    slow = {"ours, 32 requests at once": (OURS, 32), "dlt rest_api, 32 parallel resources": (DLT, 32)}
    race(records, 50, slow, rounds)
    if not quick:
        one_by_one = {"ours, 32 requests at once": (OURS, 32), "dlt rest_api, one request after the other": (DLT, 1)}
        race(records, 50, one_by_one, 1)
