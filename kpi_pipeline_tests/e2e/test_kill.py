"""Killed at any moment and run again, or run twice at once: the data is that of one undisturbed run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.alerts.tables import alert_state, notice
from kpi_pipeline.connectors import registry
from kpi_pipeline.history.tables import observation
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.settings import COMPANIES as SHIPPED
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, PROJECT, Installation

pytestmark = pytest.mark.xdist_group("e2e")

# The points where a load can be cut are all tried in landing/test_crash.py; here whole processes die at random.
KILLS = int(os.environ.get("KPI_E2E_KILLS", "2"))
SEED = 20261122
OF_A_RUN = ("id", "run_id", "input_hash", "_observed_at")  # differ from run to run by nature


def start(installation: Installation) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", "kpi_pipeline_tests.e2e.refresh", str(installation.home)]
    path = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**path, **installation.environment, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)


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
    """What a run that nobody disturbed left, and how long its process took."""

    state: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def alone(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installation of this company only: its processes start in half the time."""
    companies = tmp_path_factory.mktemp("companies")
    (companies / COMPANY).symlink_to(SHIPPED / COMPANY)
    return {**served.environment(COMPANY), "KPI_COMPANIES": str(companies)}


@pytest.fixture(scope="module")
def undisturbed(alone: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    installation = Installation.create(tmp_path_factory.mktemp("undisturbed"), alone)
    began = time.monotonic()
    assert start(installation).wait(120) == 0
    lasted = time.monotonic() - began
    found = state(installation)
    assert found["uptimerobot/monitors"]
    assert found["observation"]
    assert found["notice"], "a notice must be there to be doubled"
    return Whole(found, lasted)


def test_killed_at_any_moment_and_run_again(undisturbed: Whole, alone: dict[str, str], tmp_path: Path) -> None:
    chance = random.Random(SEED)
    mine = Installation.create(tmp_path, alone)
    killed = 0
    for _ in range(KILLS):
        process = start(mine)
        try:
            process.wait(chance.uniform(0.3, 0.95) * undisturbed.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.wait(30)
    assert killed, "no run was killed: the test proved nothing"
    assert start(mine).wait(120) == 0
    assert state(mine) == undisturbed.state


def test_two_runs_of_one_month_at_once(undisturbed: Whole, alone: dict[str, str], tmp_path: Path) -> None:
    mine = Installation.create(tmp_path, alone)
    both = [start(mine), start(mine)]
    ended = [process.wait(120) for process in both]
    assert ended == [0, 0]
    assert state(mine) == undisturbed.state
