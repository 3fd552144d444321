"""Killed at any moment and run again, or run twice at once: the data is that of one undisturbed run."""

from __future__ import annotations

import os
import random
import shutil
import signal
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.alerts.tables import alert_state, notice
from kpi_pipeline.connectors import registry
from kpi_pipeline.history.tables import observation
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.settings import COMPANIES as SHIPPED
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, Installation
from kpi_pipeline_tests.e2e.refresh import refresh, refresh_alone

# The points where a load can be cut are all tried in landing/test_crash.py; here whole processes die at random.
KILLS = int(os.environ.get("KPI_E2E_KILLS", "2"))
SEED = 20261122
BEFORE = NOW - timedelta(days=6)
OF_A_RUN = ("id", "run_id", "input_hash", "_observed_at", "batch", "digest")  # differ from run to run by nature


# Forked from a process that has imported everything: starting Python anew takes as long as the run itself.
FORKED = get_context("forkserver")
FORKED.set_forkserver_preload([refresh_alone.__module__, "ibis.backends.duckdb"])


@dataclass(frozen=True)
class Running:
    """A run in a process of its own, and the pipe that tells each step it has done."""

    process: ForkServerProcess
    steps: Connection

    @classmethod
    def start(cls, installation: Installation) -> Running:
        steps, told = FORKED.Pipe(duplex=False)
        process = FORKED.Process(target=refresh_alone, args=(installation.home, installation.environment, told))
        process.start()
        told.close()
        return cls(process, steps)

    def kill_after(self, steps: int, seconds: float) -> None:
        """Kill it `seconds` after it has done so many steps."""
        for _ in range(steps):
            assert self.steps.poll(120)
            self.steps.recv()
        self.process.join(seconds)
        self.process.kill()

    def ended(self) -> int | None:
        self.process.join(120)
        return self.process.exitcode


def state(installation: Installation) -> dict[str, Any]:
    """All that a run leaves, without what names the run."""
    found: dict[str, Any] = {}
    with installation.at(NOW) as (workspace, company):
        facts = workspace.facts(company)
        for source, names in (("uptimerobot", None), ("registers", ("ledger", "fx_rates"))):
            for stream in registry.streams(source):
                if names is None or stream.name in names:
                    rows = workspace.backend.to_pyarrow(facts.records(source, stream.name)).to_pylist()
                    found[f"{source}/{stream.name}"] = sorted(map(str, map(_lasting, rows)))
    for table in (observation, alert_state, notice):
        found[table.name] = sorted(str(_lasting(row)) for row in installation.rows(table))
    return found


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in OF_A_RUN}


@dataclass(frozen=True)
class Whole:
    """What a run that nobody disturbed left, and its steps."""

    state: dict[str, Any]
    steps: tuple[str, ...]


@pytest.fixture(scope="module")
def before(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """This company alone, refreshed when nothing was wrong yet: what is wrong at the start is not told as news."""
    companies = tmp_path_factory.mktemp("companies")
    (companies / COMPANY).symlink_to(SHIPPED / COMPANY)
    variables = {**served.environment(COMPANY), "KPI_COMPANIES": str(companies)}
    installation = Installation.create(tmp_path_factory.mktemp("before"), variables)
    served.set_now(BEFORE)
    assert refresh(installation, lambda _step: None, BEFORE)
    served.set_now(None)
    return installation


@pytest.fixture(scope="module")
def undisturbed(before: Installation, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    installation = before.copy(tmp_path_factory.mktemp("undisturbed"))
    steps: list[str] = []
    assert refresh(installation, steps.append)
    found, was = state(installation), state(before)
    assert all(found[name] != was[name] for name in ("uptimerobot/incidents", "observation"))
    assert found["notice"], "a notice must be there to be doubled"
    return Whole(found, tuple(steps))


def test_killed_at_any_moment_and_run_again(undisturbed: Whole, before: Installation, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    mine = before.copy(tmp_path)
    for _ in range(KILLS):
        running = Running.start(mine)
        running.kill_after(chance.randrange(len(undisturbed.steps) - 1), chance.uniform(0, 0.1))
        assert running.ended() == -signal.SIGKILL, "the run was over before it was killed"
    assert Running.start(mine).ended() == 0
    assert state(mine) == undisturbed.state


@pytest.mark.slow
def test_two_runs_of_one_month_at_once(undisturbed: Whole, before: Installation, tmp_path: Path) -> None:
    mine = before.copy(tmp_path)
    shutil.rmtree(mine.home / ".dagster")  # both make its tables at once
    both = [Running.start(mine), Running.start(mine)]
    assert [running.ended() for running in both] == [0, 0]
    assert state(mine) == undisturbed.state
