"""What a process of the pool does before its first run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import create_run_for_test

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.orchestration.worker import Worker
from kpi_pipeline_tests.e2e.installation import NOW, Installation


def test_opening_ends_runs_whose_process_is_gone(tmp_path: Path) -> None:
    installation = Installation.create(tmp_path, {})
    with installation.instance() as instance:
        killed = create_run_for_test(instance, "acme_landing", status=dg.DagsterRunStatus.STARTED)
        left = Path(instance.root_directory) / "alive" / killed.run_id
    left.parent.mkdir(parents=True)
    left.touch()
    Worker(installation.settings, installation.home, NOW, None, Catalogue(companies={})).open()
    with installation.instance() as instance:
        run = instance.get_run_by_id(killed.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert not left.exists()


def test_who_computes_has_loaded_what_numbers_and_charts_need() -> None:
    script = (
        "import sys; from kpi_pipeline.orchestration.worker import Worker; "
        "Worker(None, None, None, None, None).prepare([]); print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    found = set(ran.stdout.split())
    assert {"pandas", "polars", "altair", "vl_convert", "kpi_pipeline.schemas.facts"} <= found
