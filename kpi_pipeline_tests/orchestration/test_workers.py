"""What is loaded before workers are forked, and what a command that prepares them must not load first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec

import pytest

from kpi_pipeline.cli.demonstration import AT_THE_END
from kpi_pipeline.orchestration.workers import SHARED


def loaded(modules: Iterable[str]) -> set[str]:
    """The packages that a new process has once it imported these modules."""
    script = f"import sys; [__import__(each) for each in {[*modules]}]; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_workers_find_dagster_loaded_and_lose_no_thread_of_polars() -> None:
    found = loaded(SHARED)
    assert {"dagster", "ibis", "pandera"} <= found
    assert "polars" not in found


def test_a_demo_prepares_its_workers_first_and_leaves_dagster_to_them() -> None:
    assert not {"dagster", "ibis", "polars"} & loaded(["kpi_pipeline.cli.demo"])
    assert not {"dagster", "polars"} & loaded(["kpi_pipeline.cli.demonstration", "kpi_pipeline.landing.landing"])


@pytest.mark.parametrize(("main", "ends"), [("from multiprocessing.forkserver import main", ""), ("pass", "late\n")])
def test_only_the_process_that_workers_are_forked_from_ends_at_once(main: str, ends: str) -> None:
    script = f"import atexit; atexit.register(print, 'late'); {main}; import kpi_pipeline.orchestration.fork_server"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == ends


def test_what_is_loaded_at_the_end_of_a_demo_is_there() -> None:
    assert [name for name in AT_THE_END if find_spec(name) is None] == []
