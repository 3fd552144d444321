"""Killed at any point, run at the same time, in any order and any batching: the same records come out."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_pipeline.landing import batch
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline.landing.page import Page
from kpi_pipeline_tests.landing.orders import NOW, files, ids, load, order, page, rows

KILLS = 4  # one in each quarter of a load
HOURS = [0, 24 * 20, 24 * 40, 24 * 60]  # cursors in several months, so that a load has several files to write

# Imports once, then forks a process for each load. A line on stdin: the landing's root, after how many seconds they are
# killed (0: never), and a run id for each. Answers with the exit codes.
FORKER = """
import os, signal, sys, time
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline_tests.landing.orders import load
from kpi_pipeline_tests.landing.test_crash import records
pages = records()
for line in sys.stdin:
    root, after, *runs = line.split()
    children = []
    for run in runs:
        child = os.fork()
        if not child:
            load(Landing(root), pages, run_id=run)
            os._exit(0)
        children.append(child)
    if float(after):
        time.sleep(float(after))
        for child in children:
            os.kill(child, signal.SIGKILL)
    print(*[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children], flush=True)
"""


def records() -> list[Page]:
    start = int(NOW.timestamp())
    return [
        page([order(n, placed=start - 3600 * HOURS[n % 4] - n) for n in range(k, k + 50)]) for k in range(0, 300, 50)
    ]


@pytest.fixture(scope="module")
def forker() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", FORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def run(forker: subprocess.Popen[str], tmp_path: Path) -> Callable[..., list[int]]:
    """run("a", "b", kill_after=0.1): loads in processes of their own, at once; their exit codes."""

    def runs(*names: str, kill_after: float = 0) -> list[int]:
        assert forker.stdin
        assert forker.stdout
        forker.stdin.write(f"{tmp_path} {kill_after} {' '.join(names)}\n")
        forker.stdin.flush()
        return [int(code) for code in forker.stdout.readline().split()]

    return runs


def test_killed_at_random_points_and_run_again_nothing_is_lost_or_doubled(
    tmp_path: Path, run: Callable[..., list[int]]
) -> None:
    seed = SystemRandom().randrange(10**6)  # other points each time; a failure says which
    random = Random(seed)
    landing = Landing(tmp_path)
    everything = sorted(f"o{n}" for n in range(300))
    assert run() == []  # imports are done
    started = time.monotonic()
    assert run("whole") == [0]
    whole = time.monotonic() - started
    shutil.rmtree(tmp_path / "acme")
    codes: list[int] = []
    for attempt in range(KILLS):
        codes += run("run1", kill_after=whole * random.uniform(attempt, attempt + 1) / KILLS)
        committed = landing.receipts("acme", "shop", "orders")
        assert ids(landing) == (everything if committed else []), (seed, attempt, codes)
    assert -signal.SIGKILL in codes, seed
    load(landing, records())
    assert ids(landing) == everything
    assert len(rows(landing, every=True)) == 300
    landing.compact("acme", "shop", "orders", now=NOW + timedelta(days=10_000))
    named = {file.path for receipt in landing.receipts("acme", "shop", "orders") for file in receipt.files}
    assert {name for name in files(tmp_path) if "/month=" in name} == named


def test_two_runs_at_once_both_commit_and_readers_agree_on_the_newest(
    tmp_path: Path, run: Callable[..., list[int]]
) -> None:
    assert run("one", "two") == [0, 0]
    landing = Landing(tmp_path)
    assert {receipt.run_id for receipt in landing.receipts("acme", "shop", "orders")} == {"one", "two"}
    found = rows(landing)
    assert len(found) == 300
    assert rows(landing) == found


def test_two_attempts_of_one_run_at_once_commit_once(tmp_path: Path, run: Callable[..., list[int]]) -> None:
    assert run("same", "same") == [0, 0]
    landing = Landing(tmp_path)
    assert len(landing.receipts("acme", "shop", "orders")) == 1
    assert len(rows(landing, every=True)) == 300


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 7), min_size=1, max_size=6), cut=st.integers(0, 12))
def test_any_order_and_any_batching_give_the_same_rows(
    monkeypatch_bytes: None, seed: int, sizes: list[int], cut: int
) -> None:
    random = Random(seed)
    wanted = [order(n, quantity=random.randrange(3)) for n in range(12)]
    shuffled = random.sample([*wanted, *random.sample(wanted, 4)], 16)
    pages, at = [], 0
    while at < len(shuffled):
        size = sizes[len(pages) % len(sizes)]
        pages.append(page(shuffled[at : at + size]))
        at += size
    with tempfile.TemporaryDirectory() as root:
        landing = Landing(root)
        load(landing, pages[:cut], run_id="first")
        load(landing, pages[cut:], run_id="second", now=NOW + timedelta(hours=1))
        found = {row["id"]: row["quantity"] for row in rows(landing)}
    assert found == {each["id"]: each["quantity"] for each in wanted}


@pytest.fixture(scope="module")
def monkeypatch_bytes() -> Iterator[None]:
    """Batches of a few records, so that a small load is cut into several."""
    patch = pytest.MonkeyPatch()
    patch.setattr(batch, "BATCH_BYTES", 700)
    yield
    patch.undo()
