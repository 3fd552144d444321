"""Times our way from a vendor's pages to landed Parquet against dlt's, in whole processes, in turns.

`python kpi_pipeline_tests/benchmarks/extraction.py [--quick]` prints a table: wall and CPU seconds, peak memory and
records a second of each, and the median over the rounds of dlt's wall time over ours. It asserts nothing about time.
"""

from __future__ import annotations

import argparse
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

sys.path.insert(0, str(Path(__file__).parents[2]))

from kpi_pipeline_tests.benchmarks.extraction_server import FIRST, STEP

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Taken:
    """What one process took."""

    wall: float
    cpu: float
    peak_mb: float


@contextmanager
def server(records: int, milliseconds: int) -> Iterator[str]:
    command = [sys.executable, str(HERE / "extraction_server.py"), str(records), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


def take(script: str, url: str, records: int, workers: int) -> Taken:
    """Run one contestant to its end; it must have landed every record."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / script), url, folder, *map(str, (FIRST, FIRST + records * STEP, workers))]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
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
        for number in range(rounds):
            for name in list(contestants) if number % 2 == 0 else reversed(contestants):
                taken[name].append(take(contestants[name][0], url, records, contestants[name][1]))
    ours = taken[next(iter(contestants))]
    print(f"\n{records:,} records, {milliseconds} ms a page, {rounds} round(s)")
    print(f"{'':38}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'records/s':>11}{'× ours':>8}")
    for name, results in taken.items():
        wall = statistics.median(each.wall for each in results)
        cpu = statistics.median(each.cpu for each in results)
        peak = max(each.peak_mb for each in results)
        ratio = statistics.median(each.wall / own.wall for each, own in zip(results, ours, strict=True))
        print(f"{name:38}{wall:9.2f}{cpu:9.2f}{peak:9.0f}{records / wall:11,.0f}{ratio:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 records, one round, no 50 ms sequential dlt")
    quick = parser.parse_args().quick
    records, rounds = (20_000, 1) if quick else (100_000, 3)
    ours, dlt = "extraction_ours.py", "extraction_dlt.py"
    race(records, 0, {"ours": (ours, 2), "dlt rest_api": (dlt, 1)}, rounds)
    slow = {"ours, 16 requests at once": (ours, 16), "dlt rest_api, 16 parallel resources": (dlt, 16)}
    race(records, 50, slow if quick else {**slow, "dlt rest_api, one after the other": (dlt, 1)}, rounds)


if __name__ == "__main__":
    main()
